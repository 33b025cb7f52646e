package dev.jrunc.image.copy;

import java.io.IOException;
import java.io.InputStream;

/** The files of an OCI layout, in a folder or in an archive. */
interface LayoutFiles extends AutoCloseable {
  /** How messages call it. */
  String label();

  /**
   * Opens a file.
   *
   * @throws java.nio.file.NoSuchFileException if it is not there
   */
  InputStream open(String path) throws IOException;

  @Override
  void close();
}
