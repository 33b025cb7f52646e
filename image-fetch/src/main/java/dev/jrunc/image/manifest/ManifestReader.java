package dev.jrunc.image.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.ManifestDocument.ImageIndex;
import dev.jrunc.image.manifest.ManifestDocument.ImageManifest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads manifests and indexes, and refuses what could be read as either.
 *
 * <p>CVE-2021-41190: one digest must not be an image to one client and an index to another. So the
 * type that was announced must be the type the document names, and no document may have the parts
 * of both.
 */
public final class ManifestReader {
  /** What registries and their clients agree a manifest may weigh. */
  public static final int LARGEST = 4 * 1024 * 1024;

  private static final int MOST_ENTRIES = 10_000;

  private final String what;

  /** {@code what} names the document in errors. */
  public ManifestReader(String what) {
    this.what = what;
  }

  /** {@code announced} is the type that a descriptor or the Content-Type header gave. */
  public ManifestDocument read(byte[] content, String announced) {
    JsonNode tree = Json.object(content, what);
    String type = agreedType(tree, MediaTypes.bare(announced));
    if (MediaTypes.isOldManifest(type) || tree.has("fsLayers")) {
      throw refuse("uses Docker's schema 1 of before 2016, which no longer can be trusted");
    }
    if (tree.path("schemaVersion").asInt() != 2) {
      throw refuse("has the schemaVersion %s, not 2".formatted(tree.path("schemaVersion")));
    }
    if (tree.has("manifests") && (tree.has("layers") || tree.has("config"))) {
      throw refuse(
          "is an image and an index at once (it has \"manifests\" beside \"layers\" or \"config\")");
    }
    if (MediaTypes.isIndex(type)) {
      return new ImageIndex(type, descriptors(tree, "manifests"));
    }
    if (MediaTypes.isManifest(type)) {
      Descriptor config = descriptor(tree.path("config"), "/config");
      return new ImageManifest(type, config, descriptors(tree, "layers"));
    }
    throw refuse("has the media type \"%s\", which is no image".formatted(type));
  }

  private String agreedType(JsonNode tree, String announced) {
    JsonNode own = tree.get("mediaType");
    boolean known = MediaTypes.isIndex(announced) || MediaTypes.isManifest(announced);
    if (own == null) {
      return known || MediaTypes.isOldManifest(announced) ? announced : guess(tree, announced);
    }
    if (known && !MediaTypes.bare(own.asText()).equals(announced)) {
      throw refuse(
          "calls itself \"%s\" but was announced as \"%s\"".formatted(own.asText(), announced));
    }
    return MediaTypes.bare(own.asText());
  }

  /** OCI documents may leave their type out, and some servers announce plain JSON. */
  private static String guess(JsonNode tree, String announced) {
    if (tree.has("manifests")) {
      return MediaTypes.OCI_INDEX;
    }
    return tree.has("layers") ? MediaTypes.OCI_MANIFEST : announced;
  }

  private List<Descriptor> descriptors(JsonNode tree, String key) {
    JsonNode list = tree.path(key);
    if (!list.isArray()) {
      throw refuse("has no list \"%s\"".formatted(key));
    }
    if (list.size() > MOST_ENTRIES) {
      throw refuse("lists more than %d \"%s\"".formatted(MOST_ENTRIES, key));
    }
    List<Descriptor> descriptors = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      descriptors.add(descriptor(list.get(i), "/" + key + "/" + i));
    }
    return descriptors;
  }

  private Descriptor descriptor(JsonNode node, String pointer) {
    if (!node.path("mediaType").isTextual()
        || !node.path("digest").isTextual()
        || !node.path("size").canConvertToLong()
        || !node.path("size").isIntegralNumber()) {
      throw refuse("has no mediaType, digest and size at \"%s\"".formatted(pointer));
    }
    try {
      return new Descriptor(
          MediaTypes.bare(node.get("mediaType").asText()),
          Digest.parse(node.get("digest").asText()),
          node.get("size").asLong(),
          platform(node.path("platform")),
          annotations(node.path("annotations")));
    } catch (ImageFailure e) {
      throw new ImageFailure(what + " is invalid at \"" + pointer + "\": " + e.getMessage(), e);
    }
  }

  private static @Nullable Platform platform(JsonNode node) {
    if (!node.isObject()) {
      return null;
    }
    return new Platform(
        node.path("os").asText(),
        node.path("architecture").asText(),
        node.path("variant").asText());
  }

  private static Map<String, String> annotations(JsonNode node) {
    Map<String, String> annotations = new HashMap<>();
    node.properties().forEach(entry -> annotations.put(entry.getKey(), entry.getValue().asText()));
    return annotations;
  }

  private ImageFailure refuse(String why) {
    return new ImageFailure(what + " " + why);
  }
}
