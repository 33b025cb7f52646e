package dev.jrunc.kernel;

/**
 * The narrow place through which all of the project reaches the kernel: one system call and raw
 * memory outside the Java heap. Everything above is portable Java, so that the same classes run
 * ahead-of-time compiled in jrunc and on the JVM in jimage and the tests.
 *
 * <p>Addresses are plain longs and are not checked: {@link Memory} is the checked way to use them.
 */
public interface Gate {

  /**
   * Makes one system call.
   *
   * @param number the number on this machine's architecture, see {@link SystemCall}
   * @return the kernel's result, or the negated errno (-4095 to -1)
   */
  long call(long number, long a, long b, long c, long d, long e, long f);

  /** The architecture this process runs on. */
  Architecture architecture();

  /** Zeroed memory outside the Java heap; {@code size} in bytes. Never returns null. */
  long allocate(long size);

  /** Gives back what {@link #allocate} gave. */
  void free(long address);

  byte getByte(long address);

  short getShort(long address);

  int getInt(long address);

  long getLong(long address);

  void putByte(long address, byte value);

  void putShort(long address, short value);

  void putInt(long address, int value);

  void putLong(long address, long value);

  /** Copies {@code length} bytes from memory into {@code target} at {@code offset}. */
  void read(long address, byte[] target, int offset, int length);

  /** Copies {@code length} bytes of {@code source} from {@code offset} into memory. */
  void write(long address, byte[] source, int offset, int length);
}
