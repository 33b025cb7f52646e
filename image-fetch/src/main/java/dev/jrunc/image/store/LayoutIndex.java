package dev.jrunc.image.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.manifest.MediaTypes;
import dev.jrunc.image.manifest.Platform;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The content of index.json: image-spec, image-layout.md.
 *
 * <p>An entry is found by its {@code ref.name}; entries without one belong to other tools and are
 * kept as they are. Which image was pulled last is an annotation of the index, so that one rename
 * changes both.
 */
record LayoutIndex(List<StoredImage> images, List<JsonNode> foreign, @Nullable String lastPulled) {
  private static final String NAME = "org.opencontainers.image.ref.name";
  private static final String PULLED = "dev.jrunc.image.pulled";
  private static final String RESOLVED = "dev.jrunc.image.resolved";
  private static final String LAST = "dev.jrunc.image.last-pulled";

  LayoutIndex {
    images = List.copyOf(images);
    foreign = List.copyOf(foreign);
  }

  static LayoutIndex empty() {
    return new LayoutIndex(List.of(), List.of(), null);
  }

  static LayoutIndex read(byte[] content, String what) {
    JsonNode tree = Json.object(content, what);
    List<StoredImage> images = new ArrayList<>();
    List<JsonNode> foreign = new ArrayList<>();
    for (JsonNode entry : tree.path("manifests")) {
      String name = entry.path("annotations").path(NAME).asText();
      String pulled = entry.path("annotations").path(PULLED).asText();
      if (name.isEmpty() || pulled.isEmpty()) {
        foreign.add(entry);
      } else {
        images.add(image(entry, name, pulled));
      }
    }
    String last = tree.path("annotations").path(LAST).asText();
    return new LayoutIndex(images, foreign, last.isEmpty() ? null : last);
  }

  private static StoredImage image(JsonNode entry, String name, String pulled) {
    Descriptor manifest =
        new Descriptor(
            entry.path("mediaType").asText(),
            Digest.parse(entry.path("digest").asText()),
            entry.path("size").asLong());
    JsonNode platform = entry.path("platform");
    String resolved = entry.path("annotations").path(RESOLVED).asText();
    return new StoredImage(
        name,
        manifest,
        new Platform(
            platform.path("os").asText(),
            platform.path("architecture").asText(),
            platform.path("variant").asText()),
        pulled,
        resolved.isEmpty() ? null : Digest.parse(resolved));
  }

  byte[] write() {
    ObjectNode tree = Json.newObject();
    tree.put("schemaVersion", 2).put("mediaType", MediaTypes.OCI_INDEX);
    ArrayNode manifests = tree.putArray("manifests");
    for (StoredImage image : images) {
      ObjectNode entry = manifests.addObject();
      entry.put("mediaType", image.manifest().mediaType());
      entry.put("digest", image.manifest().digest().toString());
      entry.put("size", image.manifest().size());
      ObjectNode platform = entry.putObject("platform");
      platform.put("architecture", image.platform().architecture());
      platform.put("os", image.platform().os());
      if (!image.platform().variant().isEmpty()) {
        platform.put("variant", image.platform().variant());
      }
      ObjectNode annotations = entry.putObject("annotations");
      annotations.put(NAME, image.name()).put(PULLED, image.pulled());
      if (image.resolved() != null) {
        annotations.put(RESOLVED, image.resolved().toString());
      }
    }
    manifests.addAll(foreign);
    if (lastPulled != null) {
      tree.putObject("annotations").put(LAST, lastPulled);
    }
    return (Json.pretty(tree) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  @Nullable StoredImage find(String name) {
    return images.stream().filter(image -> image.name().equals(name)).findFirst().orElse(null);
  }

  LayoutIndex with(StoredImage image) {
    List<StoredImage> kept = new ArrayList<>(without(image.name()).images);
    kept.add(image);
    return new LayoutIndex(kept, foreign, image.name());
  }

  LayoutIndex without(String name) {
    List<StoredImage> kept = images.stream().filter(image -> !image.name().equals(name)).toList();
    return new LayoutIndex(kept, foreign, name.equals(lastPulled) ? null : lastPulled);
  }
}
