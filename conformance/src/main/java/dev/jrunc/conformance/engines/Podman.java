package dev.jrunc.conformance.engines;

import dev.jrunc.conformance.harness.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Podman, which has no daemon: each command is on its own, and conmon stays with each container.
 */
final class Podman extends CommandLineEngine {
  private final Path folder;
  private final Path runtime;
  private final Path config;

  private Podman(Path folder, Path runtime, Path config) {
    this.folder = folder;
    this.runtime = runtime;
    this.config = config;
  }

  // The limits: Podman raises them to what root may have, which a host without CAP_SYS_RESOURCE
  // refuses.
  static Podman start(Path runtime) throws IOException {
    Path folder = Folders.make("podman");
    Path config = folder.resolve("containers.conf");
    Files.writeString(
        config,
        """
        [containers]
        default_ulimits = ["nofile=20000:20000", "nproc=32768:32768"]
        [network]
        network_config_dir = "%1$s/network"
        [engine]
        cgroup_manager = "cgroupfs"
        events_logger = "file"
        runtime = "%3$s"
        runtime_supports_json = ["%3$s"]
        [engine.runtimes]
        %3$s = ["%2$s"]
        """
            .formatted(folder, runtime, runtime.getFileName()));
    Podman podman = new Podman(folder, runtime, config);
    podman
        .client("load", "-q", "-i", TestImage.write(folder.resolve("image.tar")).toString())
        .run()
        .ok();
    return podman;
  }

  @Override
  public String name() {
    return client("--version").run().ok().out().trim().replace("version ", "");
  }

  @Override
  public Command client(String... words) {
    List<String> all = new ArrayList<>(List.of("/usr/bin/podman", "--root", folder + "/root"));
    // Not in the folder: Podman takes no run root of more than 50 characters.
    all.addAll(List.of("--runroot", "/run/storage", "--tmpdir", "/run/libpod"));
    all.addAll(List.of("--storage-driver", "overlay"));
    all.addAll(List.of(words));
    // conmon leaves a file in the current folder when memory runs out.
    return Command.of(all).in(folder).with("CONTAINERS_CONF", config.toString());
  }

  @Override
  public List<Integer> processes(String container) {
    return client("top", container, "hpid")
        .run()
        .ok()
        .out()
        .lines()
        .skip(1)
        .map(line -> Integer.valueOf(line.trim()))
        .toList();
  }

  @Override
  public Path runtimeState() {
    return Path.of("/run").resolve(String.valueOf(runtime.getFileName()));
  }

  @Override
  public String parentGroup() {
    return "libpod_parent";
  }

  // Beside them is one for the conmons of all containers, and those of pods.
  @Override
  public String groupPrefix() {
    return "libpod-";
  }

  @Override
  Path folder() {
    return folder;
  }

  @Override
  public void close() {
    client("rm", "--force", "--all", "--time", "0").run();
    Folders.remove(folder);
  }
}
