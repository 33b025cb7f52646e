package dev.jrunc.image.registry;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How to reach registries.
 *
 * @param mirrors addresses to ask before the registry itself, by its name
 * @param insecureHosts registries (host or host:port) that may use plain HTTP or any certificate
 * @param authorities files of certificates that are trusted besides the JDK's
 * @param certificateFolders folders with one folder of {@code *.crt} per HOST:PORT
 * @param environment where the proxy variables are looked up
 */
public record RegistrySettings(
    Map<String, List<URI>> mirrors,
    Set<String> insecureHosts,
    List<Path> authorities,
    List<Path> certificateFolders,
    Map<String, String> environment,
    Timing timing) {
  public RegistrySettings {
    mirrors = Map.copyOf(mirrors);
    insecureHosts = Set.copyOf(insecureHosts);
    authorities = List.copyOf(authorities);
    certificateFolders = List.copyOf(certificateFolders);
    environment = Map.copyOf(environment);
  }
}
