package dev.jrunc.image.manifest;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A checked pointer to content: image-spec, descriptor.md. */
public record Descriptor(
    String mediaType,
    Digest digest,
    long size,
    @Nullable Platform platform,
    Map<String, String> annotations) {
  public Descriptor {
    if (size < 0) {
      throw new ImageFailure("descriptor of %s has the negative size %d".formatted(digest, size));
    }
    annotations = Map.copyOf(annotations);
  }

  public Descriptor(String mediaType, Digest digest, long size) {
    this(mediaType, digest, size, null, Map.of());
  }
}
