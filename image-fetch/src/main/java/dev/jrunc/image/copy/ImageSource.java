package dev.jrunc.image.copy;

import dev.jrunc.image.manifest.Descriptor;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Where an image comes from. */
public interface ImageSource extends AutoCloseable {
  /** A manifest or an index, and the descriptor that fits its bytes. */
  record Document(byte[] content, Descriptor descriptor) {}

  /** What the name means. */
  Document root();

  /** A manifest or index that another document names, verified. */
  byte[] document(Descriptor descriptor);

  /** The bytes of a blob from an offset. Nobody has verified them. */
  InputStream blob(Descriptor descriptor, long offset);

  /** The repository of {@code host} in which the blobs lie, if they do: they can be mounted. */
  default @Nullable String repositoryAt(String host) {
    return null;
  }

  @Override
  default void close() {}
}
