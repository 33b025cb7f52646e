package dev.jrunc.image.bundle;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

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

  /** The number of a process that has an overlay mount with this upper folder as its root. */
  static String ofUpper(Path upper) {
    // proc(5): what would end a field is written in octal.
    String option = "upperdir=" + upper.toString().replace("\\", "\\134").replace(" ", "\\040");
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
      for (Path process : processes) {
        if (mounts(process).anyMatch(line -> line.contains(" / / ") && line.contains(option))) {
          return process.getFileName().toString();
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      throw new IllegalStateException("/proc cannot be read", e);
    }
    return "";
  }

  private static Stream<String> mounts(Path process) {
    try {
      Path file = process.resolve("mountinfo");
      return Files.readAllLines(file, StandardCharsets.ISO_8859_1).stream();
    } catch (IOException e) {
      return Stream.of(); // It ended, or is another user's.
    }
  }

  private static Object root(Path process) {
    try {
      return Files.readAttributes(process.resolve("root"), "unix:dev,ino");
    } catch (IOException e) {
      return ""; // It ended, or is another user's.
    }
  }
}
