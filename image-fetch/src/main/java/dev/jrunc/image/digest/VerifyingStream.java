package dev.jrunc.image.digest;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/**
 * Checks size and digest of a blob while it is read.
 *
 * <p>The last read, the one that answers -1, throws when the content is not what was promised; more
 * bytes than promised are refused as soon as they come, before they are hashed or handed on.
 */
public final class VerifyingStream extends FilterInputStream {
  private final Digest expected;
  private final long size;
  private final MessageDigest computation;
  private long seen;
  private boolean verified;

  public VerifyingStream(InputStream in, Digest expected, long size) {
    super(in);
    this.expected = expected;
    this.size = size;
    this.computation = expected.algorithm().start();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    int count = read(one, 0, 1);
    return count < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int count = in.read(buffer, offset, length);
    if (count < 0) {
      verify();
      return -1;
    }
    seen += count;
    if (seen > size) {
      throw new WrongContent(
          "blob %s is longer than the %d bytes its descriptor names".formatted(expected, size));
    }
    computation.update(buffer, offset, count);
    return count;
  }

  @Override
  public long skip(long count) {
    throw new UnsupportedOperationException("every byte of a blob must be hashed");
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  private void verify() {
    if (verified) {
      return;
    }
    if (seen != size) {
      throw new WrongContent(
          "blob %s is truncated: %d of %d bytes came".formatted(expected, seen, size));
    }
    Digest actual = Digest.of(expected.algorithm(), computation);
    if (!actual.equals(expected)) {
      throw new WrongContent(
          "blob %s has the wrong content: its digest is %s".formatted(expected, actual));
    }
    verified = true;
  }
}
