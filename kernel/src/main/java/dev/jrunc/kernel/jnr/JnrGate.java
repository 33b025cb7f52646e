package dev.jrunc.kernel.jnr;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Function;
import com.kenai.jffi.HeapInvocationBuffer;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.LastError;
import com.kenai.jffi.Library;
import com.kenai.jffi.MemoryIO;
import com.kenai.jffi.Type;
import dev.jrunc.kernel.Architecture;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.SystemCall;
import java.util.Arrays;
import java.util.Set;

/**
 * The gate on the JVM, over jffi, the layer of JNR that makes the calls. jnr-ffi above it writes
 * and loads a class for the C library at every start, which takes longer than a short command, and
 * its calls take three times as long. Safe to share between threads: errno is kept per thread.
 */
public final class JnrGate implements Gate {
  // Their sixth argument counts even when it is 0. To all others it is never looked at.
  private static final Set<SystemCall> OF_SIX =
      Set.of(SystemCall.MMAP, SystemCall.SENDTO, SystemCall.RECVFROM, SystemCall.COPY_FILE_RANGE);

  private static final MemoryIO MEMORY = MemoryIO.getInstance();
  private static final Invoker INVOKER = Invoker.getInstance();
  private static final LastError ERROR = LastError.getInstance();

  private final long function;
  private final CallContext shorter;
  private final CallContext whole;
  private final Function syscall;
  private final Architecture architecture;
  private final long[] ofSix;

  /** Finds the C library's function that all system calls go through, see syscall(2). */
  public JnrGate() {
    function = Library.getDefault().getSymbolAddress("syscall");
    if (function == 0) {
      throw new IllegalStateException("the C library has no syscall(2)");
    }
    shorter = context(6);
    whole = context(7);
    syscall = new Function(function, whole);
    String processor = System.getProperty("os.arch", "");
    architecture =
        switch (processor) {
          case "amd64", "x86_64" -> Architecture.X86_64;
          case "aarch64" -> Architecture.AARCH64;
          default -> throw new IllegalStateException("unsupported processor: " + processor);
        };
    ofSix = OF_SIX.stream().mapToLong(call -> call.number(architecture)).sorted().toArray();
  }

  private static CallContext context(int arguments) {
    Type[] types = new Type[arguments];
    Arrays.fill(types, Type.SLONG_LONG);
    boolean keepErrno = true;
    return CallContext.getCallContext(Type.SLONG_LONG, types, CallingConvention.DEFAULT, keepErrno);
  }

  @Override
  public long call(long number, long a, long b, long c, long d, long e, long f) {
    // Six words, the number among them, go in registers and by jffi's short way.
    long result =
        f == 0 && Arrays.binarySearch(ofSix, number) < 0
            ? INVOKER.invokeN6(shorter, function, number, a, b, c, d, e)
            : wholeCall(number, a, b, c, d, e, f);
    return result == -1 ? -ERROR.get() : result;
  }

  private long wholeCall(long... words) {
    HeapInvocationBuffer buffer = new HeapInvocationBuffer(whole);
    for (long word : words) {
      buffer.putLong(word);
    }
    return INVOKER.invokeLong(syscall, buffer);
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
