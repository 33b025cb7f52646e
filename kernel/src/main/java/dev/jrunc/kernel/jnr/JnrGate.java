package dev.jrunc.kernel.jnr;

import com.kenai.jffi.MemoryIO;
import dev.jrunc.kernel.Architecture;
import dev.jrunc.kernel.Gate;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;

/** The gate on the JVM, over jnr-ffi. Safe to share between threads: errno is kept per thread. */
public final class JnrGate implements Gate {

  /** The C library function all system calls go through, see syscall(2). */
  public interface CLibrary {
    long syscall(long number, long a, long b, long c, long d, long e, long f);
  }

  private static final MemoryIO MEMORY = MemoryIO.getInstance();

  private final CLibrary library;
  private final Runtime runtime;
  private final Architecture architecture;

  /** Loads the C library and binds the one function. */
  public JnrGate() {
    library = LibraryLoader.create(CLibrary.class).load("c");
    runtime = Runtime.getRuntime(library);
    architecture =
        switch (System.getProperty("os.arch", "")) {
          case "amd64", "x86_64" -> Architecture.X86_64;
          case "aarch64" -> Architecture.AARCH64;
          case String other -> throw new IllegalStateException("unsupported processor: " + other);
        };
  }

  @Override
  public long call(long number, long a, long b, long c, long d, long e, long f) {
    long result = library.syscall(number, a, b, c, d, e, f);
    return result == -1 ? -runtime.getLastError() : result;
  }

  @Override
  public Architecture architecture() {
    return architecture;
  }

  @Override
  public long allocate(long size) {
    long address = MEMORY.allocateMemory(size == 0 ? 1 : size, true);
    if (address == 0) {
      throw new IllegalStateException("out of memory: " + size + " bytes");
    }
    return address;
  }

  @Override
  public void free(long address) {
    MEMORY.freeMemory(address);
  }

  @Override
  public byte getByte(long address) {
    return MEMORY.getByte(address);
  }

  @Override
  public short getShort(long address) {
    return MEMORY.getShort(address);
  }

  @Override
  public int getInt(long address) {
    return MEMORY.getInt(address);
  }

  @Override
  public long getLong(long address) {
    return MEMORY.getLong(address);
  }

  @Override
  public void putByte(long address, byte value) {
    MEMORY.putByte(address, value);
  }

  @Override
  public void putShort(long address, short value) {
    MEMORY.putShort(address, value);
  }

  @Override
  public void putInt(long address, int value) {
    MEMORY.putInt(address, value);
  }

  @Override
  public void putLong(long address, long value) {
    MEMORY.putLong(address, value);
  }

  @Override
  public void read(long address, byte[] target, int offset, int length) {
    MEMORY.getByteArray(address, target, offset, length);
  }

  @Override
  public void write(long address, byte[] source, int offset, int length) {
    MEMORY.putByteArray(address, source, offset, length);
  }
}
