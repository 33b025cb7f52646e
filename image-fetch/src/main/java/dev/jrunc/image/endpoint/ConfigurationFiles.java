package dev.jrunc.image.endpoint;

import dev.jrunc.image.failure.Reasons;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Configuration files of other tools that jimage obeys.
 *
 * @param registries {@code registries.conf} and its drop-ins; later ones win
 * @param hosts folders with a folder per registry, each with a {@code hosts.toml}
 * @param daemon {@code daemon.json} of Docker
 */
public record ConfigurationFiles(List<Path> registries, List<Path> hosts, List<Path> daemon) {
  public ConfigurationFiles {
    registries = List.copyOf(registries);
    hosts = List.copyOf(hosts);
    daemon = List.copyOf(daemon);
  }

  /** Where the tools themselves look, for this user. */
  public static ConfigurationFiles of(Map<String, String> environment, Path home) {
    String xdg = environment.getOrDefault("XDG_CONFIG_HOME", "");
    Path config = xdg.isEmpty() ? home.resolve(".config") : Path.of(xdg);
    Path system = Path.of("/etc/containers");
    List<Path> registries = new ArrayList<>();
    String explicit = environment.getOrDefault("CONTAINERS_REGISTRIES_CONF", "");
    Path own = config.resolve("containers/registries.conf");
    if (!explicit.isEmpty()) {
      registries.add(Path.of(explicit));
    } else {
      registries.add(Files.exists(own) ? own : system.resolve("registries.conf"));
    }
    registries.addAll(dropIns(system.resolve("registries.conf.d")));
    registries.addAll(dropIns(config.resolve("containers/registries.conf.d")));
    return new ConfigurationFiles(
        registries,
        List.of(config.resolve("containerd/certs.d"), Path.of("/etc/containerd/certs.d")),
        List.of(config.resolve("docker/daemon.json"), Path.of("/etc/docker/daemon.json")));
  }

  private static List<Path> dropIns(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".conf")).sorted().toList();
    } catch (IOException e) {
      throw Reasons.cannotRead(folder, e);
    }
  }
}
