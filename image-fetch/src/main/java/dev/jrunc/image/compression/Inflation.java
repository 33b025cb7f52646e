package dev.jrunc.image.compression;

import java.util.zip.DataFormatException;

/** Takes deflate data (RFC 1951) apart, one stream after the other. Not safe to share. */
sealed interface Inflation extends AutoCloseable permits JdkInflation, IsalInflation {
  /** How much input it takes at once, in bytes. */
  int LARGEST_INPUT = 128 * 1024;

  /** How far {@link #unused} may reach back before the input that was given last. */
  int MOST_KEPT = 8;

  /** Begins another stream, without input. */
  void reset();

  /** More of the stream, unchanged until it is used up; all that was given before is used up. */
  void give(byte[] source, int offset, int length);

  /**
   * Plain bytes, at most {@code length}; 0 at the end of the stream or where all input is used up.
   *
   * @throws DataFormatException where the data is no deflate stream
   */
  int inflate(byte[] target, int offset, int length) throws DataFormatException;

  /** Whether the stream has ended and all of it was delivered. */
  boolean ended();

  /** How many bytes of the input lie behind the end of the stream. */
  int unused();

  @Override
  void close();
}
