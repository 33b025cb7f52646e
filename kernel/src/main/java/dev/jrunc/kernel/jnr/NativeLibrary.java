package dev.jrunc.kernel.jnr;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;
import java.util.Optional;

/**
 * A C library that a machine may have or not, found by dlopen(3) and kept for as long as this is
 * reachable. Its functions take one pointer each. Safe to share between threads.
 */
public final class NativeLibrary {
  private static final Invoker INVOKER = Invoker.getInstance();

  private final Library library;
  private final CallContext onePointer =
      CallContext.getCallContext(
          Type.SINT32, new Type[] {Type.POINTER}, CallingConvention.DEFAULT, false);

  private NativeLibrary(Library library) {
    this.library = library;
  }

  /**
   * By its soname, such as {@code libz.so.1}; empty where there is none, or none that can be
   * loaded.
   */
  public static Optional<NativeLibrary> find(String soname) {
    return Optional.ofNullable(Library.openLibrary(soname, Library.NOW | Library.LOCAL))
        .map(NativeLibrary::new);
  }

  /** The address of a function, 0 where the library has none of this name. */
  public long function(String name) {
    return library.getSymbolAddress(name);
  }

  /**
   * Calls {@code int function(void *)}; of one that answers nothing, the answer means nothing.
   *
   * @param function from {@link #function}, not 0
   * @param pointer to memory that the function may use as it is written to
   */
  public int call(long function, long pointer) {
    return (int) INVOKER.invokeN1(onePointer, function, pointer);
  }
}
