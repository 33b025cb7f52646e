package dev.jrunc.kernel.teavm;

import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import org.teavm.interop.Address;
import org.teavm.interop.Import;
import org.teavm.interop.c.Include;

/**
 * Blocks outside the collected heap, in sizes of powers of two, used again when they are freed. A
 * command asks for some hundreds, one after the other, and a C library that is sparing with memory
 * maps and unmaps pages for each of them.
 */
final class NativeMemory {
  /** Of the smallest and the largest block that is kept, as powers of two. */
  private static final int SMALLEST = 6;

  private static final int LARGEST = 17;

  /** Before each block: its power of two, 0 for one that is not kept. Keeps blocks aligned. */
  private static final int HEADER = 16;

  private static final long PIECE = 1L << 20;

  /** The last freed block of each size; its first word is the address of the one before. */
  private final long[] freed = new long[LARGEST + 1];

  private long next;
  private long end;

  @Include("stdlib.h")
  @Import(name = "calloc")
  private static native Address calloc(long count, long size);

  @Include("string.h")
  @Import(name = "memset")
  private static native Address fill(Address start, int value, long size);

  @Include("stdlib.h")
  @Import(name = "free")
  private static native void giveBack(Address address);

  /** The address of {@code size} zeroed bytes. */
  long allocate(long size) {
    int power = SMALLEST;
    while (power <= LARGEST && (1L << power) < size + HEADER) {
      power++;
    }
    if (power > LARGEST) {
      return zeroed(size + HEADER) + HEADER;
    }
    long block = freed[power];
    if (block != 0) {
      freed[power] = Address.fromLong(block).getLong();
      fill(Address.fromLong(block), 0, size);
      return block;
    }
    return carve(power);
  }

  /** Takes back what {@link #allocate} gave. */
  void free(long block) {
    if (block == 0) {
      return;
    }
    long start = block - HEADER;
    int power = (int) Address.fromLong(start).getLong();
    if (power == 0) {
      giveBack(Address.fromLong(start));
      return;
    }
    Address.fromLong(block).putLong(freed[power]);
    freed[power] = block;
  }

  private long carve(int power) {
    long length = 1L << power;
    if (end - next < length) {
      next = zeroed(PIECE);
      end = next + PIECE;
    }
    long start = next;
    next += length;
    Address.fromLong(start).putLong(power);
    return start + HEADER;
  }

  private static long zeroed(long size) {
    long address = calloc(1, size).toLong();
    if (address == 0) {
      throw new SyscallFailed(SystemCall.MMAP, size + " bytes", Errno.ENOMEM);
    }
    return address;
  }
}
