package dev.jrunc.image.compression;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** By the zlib of the Java runtime. */
final class JdkInflation implements Inflation {
  private final Inflater inflater = new Inflater(true);

  @Override
  public void reset() {
    inflater.reset();
  }

  @Override
  public void give(byte[] source, int offset, int length) {
    inflater.setInput(source, offset, length);
  }

  @Override
  public int inflate(byte[] target, int offset, int length) throws DataFormatException {
    return inflater.inflate(target, offset, length);
  }

  @Override
  public boolean ended() {
    return inflater.finished();
  }

  @Override
  public int unused() {
    return inflater.getRemaining();
  }

  @Override
  public void close() {
    inflater.end();
  }
}
