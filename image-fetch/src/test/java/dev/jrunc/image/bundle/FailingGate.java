package dev.jrunc.image.bundle;

import dev.jrunc.kernel.Architecture;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.SystemCall;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongPredicate;

/** Makes system calls fail: one by its place in their order, or all of a kind. */
public final class FailingGate implements Gate {
  private final Gate real;
  private final int failing;
  private final AtomicInteger calls = new AtomicInteger();
  private long refused = -1;
  private int errno;
  private LongPredicate which = _ -> true;

  /**
   * Refuses one with EIO.
   *
   * @param failing from 0; closing is not counted, since no failure of it is of use to anyone
   */
  FailingGate(Gate real, int failing) {
    this.real = real;
    this.failing = failing;
  }

  /** Refuses every call of this name. */
  public static FailingGate refusing(Gate real, SystemCall call, int errno) {
    return refusing(real, call, errno, _ -> true);
  }

  /** Those alone whose third argument is one of these. */
  public static FailingGate refusing(Gate real, SystemCall call, int errno, LongPredicate third) {
    FailingGate gate = new FailingGate(real, Integer.MAX_VALUE);
    gate.refused = call.number(real.architecture());
    gate.errno = errno;
    gate.which = third;
    return gate;
  }

  boolean failed() {
    return calls.get() > failing;
  }

  @Override
  public long call(long number, long a, long b, long c, long d, long e, long f) {
    if (number == refused && which.test(c)) {
      return -errno;
    }
    boolean counts = number != SystemCall.CLOSE.number(architecture());
    return counts && calls.getAndIncrement() == failing
        ? -Errno.EIO
        : real.call(number, a, b, c, d, e, f);
  }

  @Override
  public Architecture architecture() {
    return real.architecture();
  }

  @Override
  public long allocate(long size) {
    return real.allocate(size);
  }

  @Override
  public void free(long address) {
    real.free(address);
  }

  @Override
  public byte getByte(long address) {
    return real.getByte(address);
  }

  @Override
  public short getShort(long address) {
    return real.getShort(address);
  }

  @Override
  public int getInt(long address) {
    return real.getInt(address);
  }

  @Override
  public long getLong(long address) {
    return real.getLong(address);
  }

  @Override
  public void putByte(long address, byte value) {
    real.putByte(address, value);
  }

  @Override
  public void putShort(long address, short value) {
    real.putShort(address, value);
  }

  @Override
  public void putInt(long address, int value) {
    real.putInt(address, value);
  }

  @Override
  public void putLong(long address, long value) {
    real.putLong(address, value);
  }

  @Override
  public void read(long address, byte[] target, int offset, int length) {
    real.read(address, target, offset, length);
  }

  @Override
  public void write(long address, byte[] source, int offset, int length) {
    real.write(address, source, offset, length);
  }
}
