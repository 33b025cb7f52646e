package dev.jrunc.image.layer;

import dev.jrunc.image.compression.Decompressor;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicLong;

/** The plain bytes of something packed, counted against limits, and refused past them. */
public final class CountedInflation extends FilterInputStream {
  private static final int PIECE = 128 * 1024;

  private final UnpackBudget budget;
  private final String label;
  private final Packed packed;
  private final AtomicLong plainBytes = new AtomicLong();

  private CountedInflation(InputStream plain, Packed packed, UnpackBudget budget, String label) {
    super(plain);
    this.packed = packed;
    this.budget = budget;
    this.label = label;
  }

  /**
   * Begins to read.
   *
   * @param packed closed with this
   * @param label how messages call it
   */
  public static CountedInflation open(InputStream packed, UnpackBudget budget, String label)
      throws IOException {
    Packed counted = new Packed(packed);
    try {
      InputStream plain = Decompressor.open(new BufferedInputStream(counted, PIECE));
      return new CountedInflation(plain, counted, budget, label);
    } catch (IOException | RuntimeException e) {
      counted.close();
      throw e;
    }
  }

  /** Counts bytes that come of it in another way; may be called by another thread. */
  void count(long more) {
    budget.bytes(label, more);
    long plain = plainBytes.addAndGet(more);
    int ratio = budget.limits().ratio();
    if (plain > UnpackLimits.RATIO_COUNTS_FROM && plain / ratio > packed.bytes.get()) {
      throw new LayerRefused(
          label
              + " unpacks to more than "
              + ratio
              + " times its size; --limit ratio=N allows more");
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int got = super.read(buffer, offset, length);
    if (got > 0) {
      count(got);
    }
    return got;
  }

  @Override
  public long skip(long bytes) throws IOException {
    long skipped = super.skip(bytes);
    count(skipped);
    return skipped;
  }

  @Override
  public void close() throws IOException {
    try (packed) {
      super.close();
    }
  }

  private static final class Packed extends FilterInputStream {
    private final AtomicLong bytes = new AtomicLong();

    Packed(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int one = super.read();
      bytes.addAndGet(one < 0 ? 0 : 1);
      return one;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int got = super.read(buffer, offset, length);
      bytes.addAndGet(Math.max(got, 0));
      return got;
    }
  }
}
