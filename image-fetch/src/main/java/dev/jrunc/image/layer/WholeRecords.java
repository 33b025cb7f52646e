package dev.jrunc.image.layer;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Fills the last record of a tar with zeros, where its writer left them out. Whoever needs what was
 * there must ask {@link #filled} after reading.
 */
final class WholeRecords extends InputStream {
  static final int RECORD = 512;

  private final InputStream tar;
  private long position;
  private boolean filled;

  WholeRecords(InputStream tar) {
    this.tar = tar;
  }

  boolean filled() {
    return filled;
  }

  /** Bytes read until now. */
  long position() {
    return position;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    int got = tar.read(buffer, offset, length);
    if (got < 0) {
      got = Math.min(length, (int) (-position & (RECORD - 1)));
      if (got == 0) {
        return -1;
      }
      Arrays.fill(buffer, offset, offset + got, (byte) 0);
      filled = true;
    }
    position += got;
    return got;
  }

  // Closed by whoever opened it.
  @Override
  public void close() {}
}
