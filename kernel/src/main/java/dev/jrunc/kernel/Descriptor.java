package dev.jrunc.kernel;

/**
 * An open file descriptor. Closing it twice is harmless, and closing never throws: what matters is
 * written and checked before.
 */
public final class Descriptor implements AutoCloseable {
  private static final int AT_FDCWD = -100;

  private final Gate gate;
  private int number;

  /** Takes over {@code number}: the descriptor is closed with this object. */
  public Descriptor(Gate gate, int number) {
    this.gate = gate;
    this.number = number;
  }

  /** Stands for the current directory where a call takes a directory. Closing it does nothing. */
  public static Descriptor currentDirectory(Gate gate) {
    return new Descriptor(gate, AT_FDCWD);
  }

  /** The number to hand to the kernel. */
  public int number() {
    if (number == -1) {
      throw new IllegalStateException("the descriptor is closed");
    }
    return number;
  }

  /** Whether {@link #close} was called. */
  public boolean closed() {
    return number == -1;
  }

  /** The path by which procfs(5) names this descriptor in the calling process. */
  public String procPath() {
    return "/proc/self/fd/" + number();
  }

  @Override
  public void close() {
    if (number >= 0) {
      gate.call(SystemCall.CLOSE.number(gate.architecture()), number, 0, 0, 0, 0, 0);
      number = -1;
    }
  }

  @Override
  public String toString() {
    return number == AT_FDCWD ? "." : "fd " + number;
  }
}
