package dev.jrunc.image.compression;

import com.github.luben.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;

/** Opens the plain content of a layer, whatever its media type claims. */
public final class Decompressor {
  private Decompressor() {}

  /**
   * The uncompressed bytes of {@code packed}. An empty blob is an empty layer. Reading to the end
   * reads {@code packed} to its end.
   */
  public static InputStream open(InputStream packed) throws IOException {
    PushbackInputStream source = new PushbackInputStream(packed, Compression.MAGIC_LENGTH);
    byte[] head = new byte[Compression.MAGIC_LENGTH];
    int length = source.readNBytes(head, 0, head.length);
    source.unread(head, 0, length);
    return switch (Compression.sniff(head, length)) {
      case NONE -> source;
      case GZIP -> new GzipMembers(source, InflaterChoice.open());
      // Native code: loaded only when a layer needs it.
      case ZSTD -> new ZstdInputStream(source);
    };
  }
}
