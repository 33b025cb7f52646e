package dev.jrunc.kernel.teavm;

import dev.jrunc.kernel.Architecture;
import dev.jrunc.kernel.Gate;
import org.teavm.interop.Address;
import org.teavm.interop.Import;
import org.teavm.interop.c.Include;
import org.teavm.interop.c.Variable;

/**
 * The gate inside the native executable: C functions called by TeaVM's imports. Memory comes from
 * {@link NativeMemory}, never from a Java array, because the collector moves objects.
 */
public final class NativeGate implements Gate {
  private final NativeMemory memory = new NativeMemory();

  @Include("unistd.h")
  @Import(name = "syscall")
  private static native long syscall(long number, long a, long b, long c, long d, long e, long f);

  @Include("errno.h")
  @Import(name = "__errno_location")
  private static native Address errnoLocation();

  @Include("sys/syscall.h")
  @Variable
  @Import(name = "SYS_openat")
  private static native int openatNumber();

  @Override
  public long call(long number, long a, long b, long c, long d, long e, long f) {
    long result = syscall(number, a, b, c, d, e, f);
    // syscall(2) of the C library folds every error into -1; no call we use returns -1 otherwise.
    return result == -1 ? -errnoLocation().getInt() : result;
  }

  @Override
  public Architecture architecture() {
    return openatNumber() == 257 ? Architecture.X86_64 : Architecture.AARCH64;
  }

  @Override
  public long allocate(long size) {
    return memory.allocate(size);
  }

  @Override
  public void free(long address) {
    memory.free(address);
  }

  @Override
  public byte getByte(long address) {
    return Address.fromLong(address).getByte();
  }

  @Override
  public short getShort(long address) {
    return Address.fromLong(address).getShort();
  }

  @Override
  public int getInt(long address) {
    return Address.fromLong(address).getInt();
  }

  @Override
  public long getLong(long address) {
    return Address.fromLong(address).getLong();
  }

  @Override
  public void putByte(long address, byte value) {
    Address.fromLong(address).putByte(value);
  }

  @Override
  public void putShort(long address, short value) {
    Address.fromLong(address).putShort(value);
  }

  @Override
  public void putInt(long address, int value) {
    Address.fromLong(address).putInt(value);
  }

  @Override
  public void putLong(long address, long value) {
    Address.fromLong(address).putLong(value);
  }

  @Override
  public void read(long address, byte[] target, int offset, int length) {
    Address from = Address.fromLong(address);
    for (int i = 0; i < length; i++) {
      target[offset + i] = from.add(i).getByte();
    }
  }

  @Override
  public void write(long address, byte[] source, int offset, int length) {
    Address to = Address.fromLong(address);
    for (int i = 0; i < length; i++) {
      to.add(i).putByte(source[offset + i]);
    }
  }
}
