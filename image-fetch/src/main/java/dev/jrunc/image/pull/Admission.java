package dev.jrunc.image.pull;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.reference.ImageReference;
import java.util.Set;

/** Decides whether an image may come in, before anything of it is stored. */
public interface Admission {
  /** Everybody's. */
  Admission OPEN = (image, digests) -> {};

  /**
   * Throws if the image may not come in.
   *
   * @param digests of the manifest, and of the index that led to it if there was one: whoever
   *     vouches for either vouches for the image
   */
  void check(ImageReference image, Set<Digest> digests);
}
