package dev.jrunc.image.reference;

import dev.jrunc.image.digest.Digest;
import org.jspecify.annotations.Nullable;

/**
 * The full name of an image: where it lives, what it is called, and which one is meant.
 *
 * <p>A digest is stronger than a tag: where both are written the tag is dropped, as Docker and
 * containerd do, since only one of them can be obeyed.
 */
public record ImageReference(
    String host, String repository, @Nullable String tag, @Nullable Digest digest) {
  public static final String DOCKER_HUB = "docker.io";

  public ImageReference {
    if ((tag == null) == (digest == null)) {
      throw new IllegalArgumentException("exactly one of tag and digest");
    }
  }

  /** Reads what a person types, with Docker Hub's short forms. */
  public static ImageReference parse(String text) {
    return ReferenceParser.image(text);
  }

  /**
   * Reads a registry by itself, {@code HOST[:PORT]}.
   *
   * @throws dev.jrunc.image.failure.ImageFailure if no request could be sent there
   */
  public static String parseHost(String text) {
    return ReferenceParser.host(text);
  }

  /** The part of a manifest URL that picks the image: a tag or a digest. */
  public String selector() {
    if (digest != null) {
      return digest.toString();
    }
    return tag == null ? "latest" : tag;
  }

  /** The same repository, picked by digest. */
  public ImageReference at(Digest chosen) {
    return new ImageReference(host, repository, null, chosen);
  }

  /**
   * The one spelling that means this image, for instance {@code docker.io/library/alpine:latest}.
   */
  @Override
  public String toString() {
    return host + "/" + repository + (digest == null ? ":" : "@") + selector();
  }
}
