package dev.jrunc.conformance.engines;

import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** Folders that a container in a user namespace may pass through. */
final class Folders {
  private static final int MOUNT_POINT = 4;

  private Folders() {}

  static Path make(String name) throws IOException {
    // The enclosure's TMPDIR, which the JVM does not look at.
    Path all = Path.of(System.getenv().getOrDefault("TMPDIR", "/tmp"));
    Path folder = Files.createTempDirectory(all, name + "-");
    return Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** With what an engine has left mounted below it: file systems of containers, itself bound. */
  static void remove(Path folder) {
    for (String mount : mounts().reversed()) {
      String point = mount.split(" ")[MOUNT_POINT];
      if (point.startsWith(folder + "/")) {
        Command.of("umount", "--lazy", point).run();
      }
    }
    Sandbox.delete(folder);
  }

  private static List<String> mounts() {
    try {
      return Files.readAllLines(Path.of("/proc/self/mountinfo"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
