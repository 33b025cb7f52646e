package dev.jrunc.image.store;

import dev.jrunc.image.digest.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The layers and upper folders that overlay mounts refer to, in every mount namespace whose
 * processes can be seen: a container keeps its mount when the host has long unmounted the bundle.
 */
final class MountedLayers {
  private static final Pattern LAYER =
      Pattern.compile("layers/(?:\\w+-)?(sha256-[0-9a-f]{64}|sha512-[0-9a-f]{128})/tree");

  // Before Linux 6.8 layers are mounted by number, and this alone says whose mount it is.
  private static final Pattern UPPER = Pattern.compile("[ ,]upperdir=([^, \\n]*)");
  private static final Pattern ESCAPED = Pattern.compile("\\\\([0-7]{3})");

  private final Set<Digest> layers = new HashSet<>();
  private final Set<Path> uppers = new HashSet<>();
  private final Set<String> seen = new HashSet<>();

  private MountedLayers() {}

  static MountedLayers anywhere() {
    MountedLayers found = new MountedLayers();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
      for (Path process : processes) {
        found.read(process);
      }
    } catch (IOException | DirectoryIteratorException e) {
      throw new IllegalStateException("/proc cannot be read", e);
    }
    return found;
  }

  Set<Digest> layers() {
    return Set.copyOf(layers);
  }

  boolean hasUpper(Path folder) {
    return uppers.contains(folder);
  }

  private void read(Path process) {
    try {
      String namespace = Files.readSymbolicLink(process.resolve("ns/mnt")).toString();
      if (seen.contains(namespace)) {
        return;
      }
      // ISO-8859-1 takes every byte; names of layers are plain.
      String mounts = Files.readString(process.resolve("mountinfo"), StandardCharsets.ISO_8859_1);
      LAYER
          .matcher(mounts)
          .results()
          .forEach(layer -> layers.add(Digest.parse(layer.group(1).replace('-', ':'))));
      UPPER.matcher(mounts).results().forEach(upper -> uppers.add(path(upper.group(1))));
      // Only now: a process that ended meanwhile has told nothing of its namespace.
      seen.add(namespace);
    } catch (IOException e) {
      // The process ended, or is another user's, who cannot use layers of ours.
    }
  }

  // proc(5): what would end a field is written in octal.
  private static Path path(String option) {
    String plain =
        ESCAPED
            .matcher(option)
            .replaceAll(each ->
                Matcher.quoteReplacement(
                    String.valueOf((char) Integer.parseInt(each.group(1), 8))));
    byte[] bytes = plain.getBytes(StandardCharsets.ISO_8859_1);
    return Path.of(new String(bytes, StandardCharsets.UTF_8));
  }
}
