package dev.jrunc.image.copy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.manifest.MediaTypes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * The two ways to write down the same image. Configuration and layers keep their bytes, so only the
 * documents that name them get other digests. A document that is in the format already stays as it
 * is.
 */
public enum ManifestFormat {
  /** image-spec 1. */
  OCI(MediaTypes.OCI_MANIFEST, MediaTypes.OCI_INDEX, MediaTypes.OCI_CONFIG),

  /** Docker's image manifest, version 2, schema 2, which knows no annotations and no zstd. */
  V2S2(MediaTypes.DOCKER_MANIFEST, MediaTypes.DOCKER_LIST, MediaTypes.DOCKER_CONFIG);

  private static final String DOCKERS = "application/vnd.docker.image.rootfs.";
  private static final String OCIS = "application/vnd.oci.image.layer.";
  private static final Map<String, String> TO_OCI =
      Map.of(
          DOCKERS + "diff.tar", OCIS + "v1.tar",
          DOCKERS + "diff.tar.gzip", OCIS + "v1.tar+gzip",
          DOCKERS + "diff.tar.zstd", OCIS + "v1.tar+zstd",
          DOCKERS + "foreign.diff.tar", OCIS + "nondistributable.v1.tar",
          DOCKERS + "foreign.diff.tar.gzip", OCIS + "nondistributable.v1.tar+gzip");
  private static final Map<String, String> TO_DOCKER =
      Map.of(
          OCIS + "v1.tar", DOCKERS + "diff.tar",
          OCIS + "v1.tar+gzip", DOCKERS + "diff.tar.gzip",
          OCIS + "nondistributable.v1.tar", DOCKERS + "foreign.diff.tar",
          OCIS + "nondistributable.v1.tar+gzip", DOCKERS + "foreign.diff.tar.gzip");
  private static final List<String> DOCKER_HAS_NO =
      List.of("annotations", "artifactType", "subject", "data");

  private final String manifest;
  private final String index;
  private final String config;

  ManifestFormat(String manifest, String index, String config) {
    this.manifest = manifest;
    this.index = index;
    this.config = config;
  }

  /** The manifest of one image in this format. */
  byte[] manifest(byte[] content) {
    ObjectNode tree = tree(content);
    boolean changed = retype(tree, manifest);
    if (tree.path("config") instanceof ObjectNode pointer) {
      if (!MediaTypes.isImageConfig(type(pointer))) {
        throw new ImageFailure(
            "only a container image can be written in another format, not \"%s\""
                .formatted(type(pointer)));
      }
      changed |= retype(pointer, config);
    }
    for (JsonNode layer : tree.path("layers")) {
      changed |= retype((ObjectNode) layer, layer(type(layer)));
    }
    return changed ? bytes(tree) : content;
  }

  /** An index whose parts, in their order, have become these. */
  byte[] index(byte[] content, List<Descriptor> parts) {
    ObjectNode tree = tree(content);
    boolean changed = retype(tree, index);
    ArrayNode entries = tree.withArray("/manifests");
    for (int i = 0; i < parts.size(); i++) {
      ObjectNode entry = (ObjectNode) entries.get(i);
      Descriptor part = parts.get(i);
      changed |= !entry.path("digest").asText().equals(part.digest().toString());
      retype(entry, part.mediaType());
      entry.put("digest", part.digest().toString()).put("size", part.size());
    }
    return changed ? bytes(tree) : content;
  }

  private String layer(String type) {
    if (this == OCI) {
      return TO_OCI.getOrDefault(type, type);
    }
    if (type.equals(OCIS + "v1.tar+zstd") || type.equals(OCIS + "nondistributable.v1.tar+zstd")) {
      throw new ImageFailure("Docker's format has no layers packed by zstd; the image has one");
    }
    return TO_DOCKER.getOrDefault(type, type);
  }

  private boolean retype(ObjectNode node, String wanted) {
    boolean changed = !type(node).equals(wanted);
    node.put("mediaType", wanted);
    if (this == V2S2) {
      changed |= DOCKER_HAS_NO.stream().anyMatch(node::has);
      node.remove(DOCKER_HAS_NO);
    }
    return changed;
  }

  private static String type(JsonNode node) {
    return MediaTypes.bare(node.path("mediaType").asText());
  }

  private static ObjectNode tree(byte[] content) {
    return (ObjectNode) Json.object(content, "the manifest");
  }

  private static byte[] bytes(ObjectNode tree) {
    return Json.pretty(tree).getBytes(StandardCharsets.UTF_8);
  }
}
