package dev.jrunc.image.layer;

import dev.jrunc.image.tree.FileFacts;
import dev.jrunc.kernel.Descriptor;
import java.io.IOException;
import java.io.InputStream;

/** Where the bytes of files come from. */
interface Contents {
  /**
   * Makes a file with its content and attributes, and writes it down.
   *
   * @param content of the archive, for those who read it there
   * @return as open(2): negative where the file cannot be made; then nothing of the content is read
   */
  long write(
      Descriptor folder,
      String name,
      String path,
      LayerEntry entry,
      FileFacts facts,
      InputStream content)
      throws IOException;
}
