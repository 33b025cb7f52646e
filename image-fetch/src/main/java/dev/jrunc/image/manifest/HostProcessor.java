package dev.jrunc.image.manifest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Which variant of its architecture this machine's processor is, as containerd finds it out. */
final class HostProcessor {
  private HostProcessor() {}

  /** Empty where there are none, or nobody says which. Only 32-bit ARM is asked for. */
  static String variant(String architecture) {
    if (!architecture.startsWith("arm") || architecture.startsWith("arm64")) {
      return "";
    }
    try {
      return arm(Files.readAllLines(Path.of("/proc/cpuinfo"), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return "";
    }
  }

  /** By the lines of /proc/cpuinfo. */
  static String arm(List<String> lines) {
    String level = value(lines, "cpu architecture");
    // Some of ARMv6 call themselves 7: a Raspberry Pi Zero, for one.
    if (level.equals("7") && value(lines, "model name").startsWith("armv6-compatible")) {
      level = "6";
    }
    return switch (level) {
      // A system of 32 bits on a processor of 64 runs what was built for the last of 32.
      case "8", "aarch64", "7", "7m", "?(12)", "?(13)", "?(14)", "?(15)", "?(16)", "?(17)" -> "v7";
      case "6", "6tej" -> "v6";
      case "5", "5t", "5te", "5tej" -> "v5";
      case "4", "4t" -> "v4";
      case "3" -> "v3";
      default -> "";
    };
  }

  private static String value(List<String> lines, String key) {
    return lines.stream()
        .map(line -> line.toLowerCase(Locale.ROOT).split(":", 2))
        .filter(parts -> parts.length == 2 && parts[0].strip().equals(key))
        .map(parts -> parts[1].strip())
        .findFirst()
        .orElse("");
  }
}
