package dev.jrunc.kernel;

import static dev.jrunc.kernel.SystemCall.IOCTL;

/** Terminals: pseudo-terminal pairs, window sizes and modes, see ioctl_tty(2). */
public final class TerminalCalls extends Calls {
  private static final long TCGETS = 0x5401;
  private static final long TCSETS = 0x5402;
  private static final long TIOCSCTTY = 0x540e;
  private static final long TIOCGWINSZ = 0x5413;
  private static final long TIOCSWINSZ = 0x5414;
  private static final long TIOCGPTN = 0x80045430L;
  private static final long TIOCSPTLCK = 0x40045431L;
  private static final long TIOCGPTPEER = 0x5441;

  private static final int INPUT = 0;
  private static final int OUTPUT = 4;
  private static final int CONTROL = 8;
  private static final int LOCAL = 12;
  private static final int ONLCR = 4;

  TerminalCalls(Gate gate) {
    super(gate);
  }

  /** Rows and columns in characters. */
  public record WindowSize(int rows, int columns) {}

  public boolean isTerminal(Descriptor file) {
    try (Memory memory = Memory.scope(gate)) {
      return ioctl(file, TCGETS, memory.block(64).address()) >= 0;
    }
  }

  /** Unlocks a master opened from /dev/ptmx; returns the number N of its /dev/pts/N. */
  public int unlock(Descriptor master) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block number = memory.block(4);
      check(IOCTL, ioctl(master, TIOCSPTLCK, number.address()), "TIOCSPTLCK");
      check(IOCTL, ioctl(master, TIOCGPTN, number.address()), "TIOCGPTN");
      return number.getInt(0);
    }
  }

  /** Opens the other side of a master without any path (Linux 4.13). */
  public Descriptor openPeer(Descriptor master) {
    int flags = OpenFlags.RDWR | OpenFlags.NOCTTY | OpenFlags.CLOEXEC;
    return new Descriptor(
        gate, (int) check(IOCTL, ioctl(master, TIOCGPTPEER, flags), "TIOCGPTPEER"));
  }

  /** Makes {@code terminal} the controlling terminal of this session. */
  public void makeControlling(Descriptor terminal) {
    check(IOCTL, ioctl(terminal, TIOCSCTTY, 0), "TIOCSCTTY");
  }

  public WindowSize windowSize(Descriptor terminal) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block size = memory.block(8);
      check(IOCTL, ioctl(terminal, TIOCGWINSZ, size.address()), "TIOCGWINSZ");
      return new WindowSize(size.getShort(0) & 0xffff, size.getShort(2) & 0xffff);
    }
  }

  public void setWindowSize(Descriptor terminal, WindowSize size) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block value = memory.block(8).putShort(0, size.rows()).putShort(2, size.columns());
      check(IOCTL, ioctl(terminal, TIOCSWINSZ, value.address()), "TIOCSWINSZ");
    }
  }

  /** The modes as the kernel keeps them, to be given back to {@link #setMode}. */
  public byte[] mode(Descriptor terminal) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block termios = memory.block(36);
      check(IOCTL, ioctl(terminal, TCGETS, termios.address()), "TCGETS");
      return termios.getBytes(0, 36);
    }
  }

  public void setMode(Descriptor terminal, byte[] mode) {
    try (Memory memory = Memory.scope(gate)) {
      check(IOCTL, ioctl(terminal, TCSETS, memory.bytes(mode).address()), "TCSETS");
    }
  }

  /** Passes every byte through unchanged, as cfmakeraw(3) does. */
  public void makeRaw(Descriptor terminal) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block t = memory.bytes(mode(terminal));
      t.putInt(INPUT, t.getInt(INPUT) & ~02753);
      t.putInt(OUTPUT, t.getInt(OUTPUT) & ~1);
      t.putInt(CONTROL, (t.getInt(CONTROL) & ~0460) | 060);
      t.putInt(LOCAL, t.getInt(LOCAL) & ~0100113);
      check(IOCTL, ioctl(terminal, TCSETS, t.address()), "TCSETS");
    }
  }

  /** Stops the terminal from writing a carriage return before each line feed, as runc does. */
  public void keepLineFeeds(Descriptor master) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block t = memory.bytes(mode(master));
      t.putInt(OUTPUT, t.getInt(OUTPUT) & ~ONLCR);
      check(IOCTL, ioctl(master, TCSETS, t.address()), "TCSETS");
    }
  }

  private long ioctl(Descriptor file, long request, long argument) {
    return raw(IOCTL, file.number(), request, argument);
  }
}
