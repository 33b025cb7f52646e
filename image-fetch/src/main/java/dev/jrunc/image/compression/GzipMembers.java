package dev.jrunc.image.compression;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.ZipException;

/**
 * A gzip file of one or more members, optionally followed by NUL padding.
 *
 * <p>The JDK's own stream guesses whether another member follows from {@code available()}, which a
 * network stream cannot answer. Padding after the last trailer occurs in real layers; anything else
 * there is an error, since two readers would disagree about it.
 *
 * <pre>
 *   1f 8b 08 FLG MTIME(4) XFL OS [XLEN(2) extra] [name 0] [comment 0] [CRC16]   RFC 1952, 2.3
 *   deflate data
 *   CRC32(4) ISIZE(4)
 * </pre>
 */
final class GzipMembers extends FilterInputStream {
  private static final int HEADER_CHECKSUM = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;

  private final byte[] buffer = new byte[Inflation.MOST_KEPT + Inflation.LARGEST_INPUT];
  private final Inflation inflation;
  private final CRC32 checksum = new CRC32();
  private int position = Inflation.MOST_KEPT;
  private int limit = Inflation.MOST_KEPT;
  private long plainBytes;
  private boolean insideMember;
  private boolean finished;

  GzipMembers(InputStream in, Inflation inflation) {
    super(in);
    this.inflation = inflation;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    int count = read(one, 0, 1);
    return count < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (!finished) {
      if (!insideMember && !openMember()) {
        finished = true;
        break;
      }
      int count = inflate(target, offset, length);
      if (count > 0) {
        checksum.update(target, offset, count);
        plainBytes += count;
        return count;
      }
    }
    return -1;
  }

  @Override
  public long skip(long count) throws IOException {
    byte[] waste = new byte[(int) Math.min(count, buffer.length)];
    return Math.max(0, read(waste, 0, waste.length));
  }

  @Override
  public int available() {
    return finished ? 0 : 1;
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  @Override
  public void close() throws IOException {
    inflation.close();
    finished = true;
    super.close();
  }

  private int inflate(byte[] target, int offset, int length) throws IOException {
    try {
      int count = inflation.inflate(target, offset, length);
      if (count == 0) {
        if (inflation.ended()) {
          position = limit - inflation.unused();
          closeMember();
        } else {
          refill();
          inflation.give(buffer, position, limit - position);
        }
      }
      return count;
    } catch (DataFormatException e) {
      throw new ZipException("damaged gzip data");
    }
  }

  private boolean openMember() throws IOException {
    if (position == limit && !fill()) {
      return false;
    }
    if (buffer[position] == 0) {
      skipPadding();
      return false;
    }
    if (next() != 0x1f || next() != 0x8b || next() != 8) {
      throw new ZipException("junk after the end of the gzip data");
    }
    int flags = next();
    skipBytes(6);
    if ((flags & EXTRA) != 0) {
      int low = next();
      skipBytes(low | (next() << 8));
    }
    if ((flags & NAME) != 0) {
      skipText();
    }
    if ((flags & COMMENT) != 0) {
      skipText();
    }
    if ((flags & HEADER_CHECKSUM) != 0) {
      skipBytes(2);
    }
    inflation.reset();
    checksum.reset();
    plainBytes = 0;
    inflation.give(buffer, position, limit - position);
    insideMember = true;
    return true;
  }

  private void closeMember() throws IOException {
    long expectedChecksum = nextInt();
    long expectedLength = nextInt();
    if (expectedChecksum != checksum.getValue() || expectedLength != (plainBytes & 0xffffffffL)) {
      throw new ZipException("gzip data does not match its checksum");
    }
    insideMember = false;
  }

  private void skipPadding() throws IOException {
    do {
      while (position < limit) {
        if (buffer[position++] != 0) {
          throw new ZipException("junk after the end of the gzip data");
        }
      }
    } while (fill());
  }

  private void skipText() throws IOException {
    while (next() != 0) {
      // The name and the comment of a member say nothing about a layer.
    }
  }

  private void skipBytes(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      next();
    }
  }

  private long nextInt() throws IOException {
    long value = next();
    value |= (long) next() << 8;
    value |= (long) next() << 16;
    return value | ((long) next() << 24);
  }

  private int next() throws IOException {
    if (position == limit) {
      refill();
    }
    return buffer[position++] & 0xff;
  }

  private void refill() throws IOException {
    if (!fill()) {
      throw new EOFException("gzip data ends too early");
    }
  }

  // What was last read stays before what is read now: it may not all be used.
  private boolean fill() throws IOException {
    System.arraycopy(buffer, limit - Inflation.MOST_KEPT, buffer, 0, Inflation.MOST_KEPT);
    int count;
    do {
      count = in.read(buffer, Inflation.MOST_KEPT, Inflation.LARGEST_INPUT);
    } while (count == 0);
    position = Inflation.MOST_KEPT;
    limit = position + Math.max(count, 0);
    return count > 0;
  }
}
