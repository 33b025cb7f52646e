package dev.jrunc.image.cli;

import dev.jrunc.image.auth.CredentialStore;
import dev.jrunc.image.endpoint.ConfigurationFiles;
import dev.jrunc.image.endpoint.Endpoints;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.registry.RegistryClient;
import dev.jrunc.image.registry.RegistryListener;
import dev.jrunc.image.registry.RegistrySettings;
import dev.jrunc.image.registry.Timing;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/** What the command line and the environment say about registries. */
record RegistryOptions(List<String> mirrors, List<Path> authorities, List<String> insecure) {
  RegistryClient connect(RegistryListener listener, CredentialStore credentials) {
    return new RegistryClient(settings(System.getenv(), home()), credentials, listener);
  }

  static Path home() {
    String home = System.getenv().getOrDefault("HOME", "");
    return Path.of(home.isEmpty() ? System.getProperty("user.home", "/") : home);
  }

  RegistrySettings settings(Map<String, String> environment, Path home) {
    List<String> written = new ArrayList<>(mirrors);
    written.addAll(words(environment, "JIMAGE_MIRRORS"));
    Map<String, List<URI>> byHost = new HashMap<>();
    for (String mirror : written) {
      int equals = mirror.indexOf('=');
      URI address = address(mirror, mirror.substring(equals + 1));
      byHost
          .computeIfAbsent(mirror.substring(0, Math.max(equals, 0)), _ -> new ArrayList<>())
          .add(address);
    }
    List<Path> trusted = new ArrayList<>(authorities);
    for (String variable : new String[] {"JIMAGE_CA", "SSL_CERT_FILE"}) {
      words(environment, variable).forEach(file -> trusted.add(Path.of(file)));
    }
    return new RegistrySettings(
        Endpoints.of(byHost, new HashSet<>(insecure), ConfigurationFiles.of(environment, home)),
        trusted,
        List.of(
            home.resolve(".config/containers/certs.d"),
            Path.of("/etc/containers/certs.d"),
            Path.of("/etc/docker/certs.d")),
        environment,
        Timing.PATIENT);
  }

  private static URI address(String mirror, String url) {
    try {
      URI address = URI.create(url);
      String scheme = String.valueOf(address.getScheme());
      if (mirror.indexOf('=') > 0 && address.getHost() != null && scheme.matches("https?")) {
        return address;
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw new ImageFailure(
        "invalid mirror \""
            + mirror
            + "\": write for instance docker.io=https://mirror.example.org");
  }

  private static List<String> words(Map<String, String> environment, String name) {
    String value = environment.getOrDefault(name, "").strip();
    return value.isEmpty() ? List.of() : List.of(value.split("[,\\s]+", -1));
  }
}
