package dev.jrunc.image.bundle;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds a process whose root is the rootfs of a bundle: its container. */
final class BundleUsers {
  private BundleUsers() {}

  /** The number of such a process; empty for none. */
  static String of(Path rootfs) {
    Object identity;
    try {
      identity = Files.readAttributes(rootfs, "unix:dev,ino");
    } catch (IOException e) {
      return "";
    }
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
      for (Path process : processes) {
        if (identity.equals(root(process))) {
          return process.getFileName().toString();
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      throw new IllegalStateException("/proc cannot be read", e);
    }
    return "";
  }

  private static Object root(Path process) {
    try {
      return Files.readAttributes(process.resolve("root"), "unix:dev,ino");
    } catch (IOException e) {
      return ""; // It ended, or is another user's.
    }
  }
}
