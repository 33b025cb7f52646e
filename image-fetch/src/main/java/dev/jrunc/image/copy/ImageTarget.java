package dev.jrunc.image.copy;

import dev.jrunc.image.manifest.Descriptor;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Where an image goes. Blobs come first, several at once; then manifests, the outermost last. */
public interface ImageTarget extends AutoCloseable {
  /** The bytes of a blob from an offset; may be opened more than once. */
  interface Content {
    InputStream from(long offset);
  }

  /** The host of a registry, or empty. */
  default String host() {
    return "";
  }

  /** Whether an index with several images can be kept. */
  default boolean takesIndexes() {
    return true;
  }

  /**
   * Keeps a blob.
   *
   * @param from a repository of the same registry that has it
   * @return whether its bytes had to be moved
   */
  boolean blob(Descriptor blob, @Nullable String from, Content content);

  /** Keeps a manifest that an index will name. */
  void manifest(Descriptor manifest, byte[] content);

  /** Keeps the outermost document under the target's name, and shows it. */
  void finish(Descriptor root, byte[] content);

  @Override
  default void close() {}
}
