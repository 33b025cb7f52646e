package dev.jrunc.conformance.bench;

import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Podman with storage, state and configuration of its own, and one image, made from a rootfs. */
final class OwnPodman implements AutoCloseable {
  private static final String IMAGE = "localhost/bench:1";

  private final Path program;
  private final Path folder;
  private final Path state;

  private OwnPodman(Path program, Path folder, Path state) {
    this.program = program;
    this.folder = folder;
    this.state = state;
  }

  /** Starts with nothing but the image. */
  static OwnPodman open(Path program, Path rootfs) throws IOException {
    Path folder = Files.createTempDirectory("podman-");
    // Podman takes no run root of more than 50 characters.
    Path state = Path.of("/run/jrunc-bench-" + ProcessHandle.current().pid());
    // The limits: Podman raises them to what root may have, which not every host lets it.
    Files.writeString(
        folder.resolve("containers.conf"),
        """
        [containers]
        default_ulimits = ["nofile=20000:20000", "nproc=32768:32768"]
        [network]
        network_config_dir = "%s/network"
        [engine]
        cgroup_manager = "cgroupfs"
        events_logger = "file"
        """
            .formatted(folder));
    OwnPodman podman = new OwnPodman(program, folder, state);
    Path tar = folder.resolve("rootfs.tar");
    Command.of("tar", "-C", rootfs.toString(), "-cf", tar.toString(), ".").run().ok();
    podman.client("import", "-q", tar.toString(), IMAGE).run().ok();
    return podman;
  }

  Command client(String... words) {
    List<String> all = new ArrayList<>(List.of(program.toString(), "--root", folder + "/storage"));
    all.addAll(List.of("--runroot", state + "/run", "--tmpdir", state + "/tmp"));
    all.addAll(List.of("--storage-driver", "overlay"));
    all.addAll(List.of(words));
    return Command.of(all).in(folder).with("CONTAINERS_CONF", folder + "/containers.conf");
  }

  /** Runs a program that does nothing and removes its container. */
  Command run(String network) {
    return client("run", "--rm", "--network", network, IMAGE, "/bin/true");
  }

  String version() {
    return client("--version").run().ok().out().trim();
  }

  /** The runtime that it has chosen. */
  String runtime() {
    return client("info", "--format", "{{.Host.OCIRuntime.Path}}").run().ok().out().trim();
  }

  @Override
  public void close() {
    client("rm", "--force", "--all", "--time", "0").run();
    // What it binds to keep its mounts to itself.
    Command.of("umount", "--lazy", folder + "/storage/overlay").run();
    Command.of("umount", "--lazy", state + "/run/overlay-containers").run();
    Sandbox.delete(folder);
    Sandbox.delete(state);
  }
}
