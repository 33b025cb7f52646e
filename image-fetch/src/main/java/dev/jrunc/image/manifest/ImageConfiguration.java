package dev.jrunc.image.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import java.util.ArrayList;
import java.util.List;

/** The parts of an image configuration that decide whether its layers are the right ones. */
public record ImageConfiguration(Platform platform, String created, List<Digest> diffIds) {
  /** The same limit as for manifests: both are held in memory. */
  public static final int LARGEST = ManifestReader.LARGEST;

  public ImageConfiguration {
    diffIds = List.copyOf(diffIds);
  }

  public static ImageConfiguration read(byte[] content, String what) {
    JsonNode tree = Json.object(content, what);
    JsonNode rootfs = tree.path("rootfs");
    if (!rootfs.path("type").asText().equals("layers") || !rootfs.path("diff_ids").isArray()) {
      throw new ImageFailure(what + " has no \"rootfs\" of type \"layers\" with its \"diff_ids\"");
    }
    List<Digest> diffIds = new ArrayList<>();
    for (JsonNode diffId : rootfs.path("diff_ids")) {
      try {
        diffIds.add(Digest.parse(diffId.asText()));
      } catch (ImageFailure e) {
        throw new ImageFailure(
            "%s is invalid at \"/rootfs/diff_ids/%d\": %s"
                .formatted(what, diffIds.size(), e.getMessage()),
            e);
      }
    }
    Platform platform =
        new Platform(
            tree.path("os").asText("linux"),
            tree.path("architecture").asText(),
            tree.path("variant").asText());
    return new ImageConfiguration(platform, tree.path("created").asText(), diffIds);
  }
}
