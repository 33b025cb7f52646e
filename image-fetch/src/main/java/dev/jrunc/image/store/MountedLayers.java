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
 * The layers that overlay mounts refer to, in every mount namespace whose processes can be seen: a
 * container keeps its mount when the host has long unmounted the bundle.
 */
final class MountedLayers {
  private static final Pattern LAYER =
      Pattern.compile("layers/(?:\\w+-)?(sha256-[0-9a-f]{64}|sha512-[0-9a-f]{128})/tree");

  private MountedLayers() {}

  static Set<Digest> anywhere() {
    Set<Digest> found = new HashSet<>();
    Set<String> seen = new HashSet<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
      for (Path process : processes) {
        read(process, seen, found);
      }
    } catch (IOException | DirectoryIteratorException e) {
      throw new IllegalStateException("/proc cannot be read", e);
    }
    return found;
  }

  private static void read(Path process, Set<String> seen, Set<Digest> found) {
    try {
      String namespace = Files.readSymbolicLink(process.resolve("ns/mnt")).toString();
      if (!seen.add(namespace)) {
        return;
      }
      // ISO-8859-1 takes every byte; names of layers are plain.
      String mounts = Files.readString(process.resolve("mountinfo"), StandardCharsets.ISO_8859_1);
      Matcher layers = LAYER.matcher(mounts);
      while (layers.find()) {
        found.add(Digest.parse(layers.group(1).replace('-', ':')));
      }
    } catch (IOException e) {
      // The process ended, or is another user's, who cannot use layers of ours.
    }
  }
}
