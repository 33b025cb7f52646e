package dev.jrunc.image.registry;

import dev.jrunc.image.endpoint.Endpoints;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * How to reach registries.
 *
 * @param endpoints who is asked for which image
 * @param authorities files of certificates that are trusted besides the JDK's
 * @param certificateFolders folders with one folder of {@code *.crt} per HOST:PORT
 * @param environment where the proxy variables are looked up
 */
public record RegistrySettings(
    Endpoints endpoints,
    List<Path> authorities,
    List<Path> certificateFolders,
    Map<String, String> environment,
    Timing timing) {
  public RegistrySettings {
    authorities = List.copyOf(authorities);
    certificateFolders = List.copyOf(certificateFolders);
    environment = Map.copyOf(environment);
  }
}
