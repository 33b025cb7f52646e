package dev.jrunc.image.store;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.manifest.ManifestReader;
import dev.jrunc.image.manifest.MediaTypes;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Mark and sweep, from index.json: blobs that no image needs, and parts of blobs that nobody is
 * bringing. The caller holds the lock, and pulls at work name what they count on.
 */
final class GarbageCollection {
  private final ImageStore store;
  private final Set<Digest> needed = new HashSet<>();
  private final Set<Digest> followed = new HashSet<>();

  GarbageCollection(ImageStore store) {
    this.store = store;
  }

  /** What can go. */
  List<Garbage> find() throws IOException {
    LayoutIndex index = store.index();
    for (StoredImage image : index.images()) {
      try {
        store.content(image).blobs().forEach(blob -> needed.add(blob.digest()));
      } catch (ImageFailure e) {
        throw new ImageFailure(
            "image \"%s\" is damaged, so nobody knows what it needs; pull it again or remove it (%s)"
                .formatted(image.name(), e.getMessage()),
            e);
      }
    }
    index.foreign().forEach(this::mark);
    needed.addAll(Staging.leased(store));
    List<Garbage> garbage = new ArrayList<>();
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      sweep(algorithm, garbage);
    }
    Path parts = store.root().resolve(Staging.PARTIAL);
    if (Files.isDirectory(parts)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(parts)) {
        for (Path file : files) {
          garbage.add(new Garbage(file, Files.size(file), true));
        }
      }
    }
    return garbage;
  }

  /**
   * One file that can go.
   *
   * @param part it is a part of a blob, which may be on its way
   */
  record Garbage(Path file, long size, boolean part) {}

  /** What another tool put here, and all that it points to: it may have other forms than ours. */
  private void mark(JsonNode foreign) {
    Deque<JsonNode> open = new ArrayDeque<>(List.of(foreign));
    for (JsonNode each; (each = open.poll()) != null; ) {
      Digest digest;
      try {
        digest = Digest.parse(each.path("digest").asText());
      } catch (ImageFailure e) {
        continue;
      }
      needed.add(digest);
      if (followed.add(digest)) {
        follow(digest, MediaTypes.bare(each.path("mediaType").asText()), open);
      }
    }
  }

  // A descriptor needs no mediaType in an artifact, nor in what older tools wrote: then the blob
  // tells.
  private void follow(Digest digest, String type, Deque<JsonNode> open) {
    boolean known = MediaTypes.isIndex(type) || MediaTypes.isManifest(type);
    if (!known && !type.isEmpty() && !type.endsWith("manifest.v1+json")) {
      return;
    }
    Path file = store.path(digest);
    try {
      if (!Files.exists(file) || Files.size(file) > ManifestReader.LARGEST) {
        return;
      }
      JsonNode tree = Json.object(Files.readAllBytes(file), "\"" + file + "\"");
      open.add(tree.path("config"));
      open.add(tree.path("subject"));
      for (String list : new String[] {"layers", "manifests", "blobs"}) {
        tree.path(list).forEach(open::add);
      }
    } catch (ImageFailure e) {
      if (known) {
        throw e;
      }
    } catch (IOException e) {
      throw Reasons.cannotRead(file, e);
    }
  }

  private void sweep(Digest.Algorithm algorithm, List<Garbage> garbage) throws IOException {
    Path folder = store.root().resolve("blobs").resolve(algorithm.word());
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        if (!isNeeded(algorithm, String.valueOf(file.getFileName()))) {
          garbage.add(new Garbage(file, Files.size(file), false));
        }
      }
    }
  }

  /**
   * What is not called by a digest was not put here by a tool that follows the layout: it stays.
   */
  private boolean isNeeded(Digest.Algorithm algorithm, String name) {
    try {
      return needed.contains(new Digest(algorithm, name));
    } catch (ImageFailure e) {
      return true;
    }
  }

  /** Deletes it, unless somebody writes it. */
  static boolean delete(Garbage garbage) throws IOException {
    if (!garbage.part()) {
      return Files.deleteIfExists(garbage.file());
    }
    PartialBlob part = PartialBlob.lock(garbage.file());
    if (part == null) {
      return false;
    }
    part.delete();
    return true;
  }
}
