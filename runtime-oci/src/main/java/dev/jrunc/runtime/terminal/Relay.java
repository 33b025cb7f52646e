package dev.jrunc.runtime.terminal;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.Memory;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.ProcessCalls;
import java.util.List;

/**
 * Carries bytes from the caller's input to a terminal's master and back to the caller's output, and
 * waits for neither but in poll(2): a program that echoes while more is typed would else wait for
 * us, and we for it, and nobody would hear a signal.
 */
final class Relay implements AutoCloseable {
  private static final int PIECE = 32768;

  /** PIPE_BUF: where poll(2) says that a pipe or a socket takes more, it takes as much as this. */
  private static final int SURE = 4096;

  /** How often to look whether somebody has opened the terminal again. */
  private static final int REOPENED_MILLIS = 100;

  private final Linux linux;
  private final Memory memory;
  private final Descriptor output;
  private final Pump typed;
  private final Pump printed;
  private final List<Descriptor> waiting;
  private final int[] events = new int[5];

  Relay(Linux linux, Descriptor signals, Descriptor master) {
    this.linux = linux;
    this.memory = Memory.scope(linux.gate());
    // The opening is ours alone: the program's process closed its descriptor when it began.
    linux.streams().stopBlocking(master);
    Descriptor input = new Descriptor(linux.gate(), 0);
    Descriptor given = new Descriptor(linux.gate(), 1);
    Descriptor own = openAgain(linux, given);
    this.output = own == null ? given : own;
    this.typed = new Pump(linux, input, master, memory.block(PIECE), PIECE);
    this.printed = new Pump(linux, master, output, memory.block(PIECE), own == null ? SURE : PIECE);
    this.waiting = List.of(signals, input, master, master, output);
  }

  // O_NONBLOCK set on the caller's output would hold for all who have it. What is neither a pipe
  // nor a terminal has no name to be opened by, or never waits.
  private static @org.jspecify.annotations.Nullable Descriptor openAgain(
      Linux linux, Descriptor given) {
    if (!linux.terminals().isTerminal(given) && !linux.files().status(given).is(FileMode.FIFO)) {
      return null;
    }
    int flags = OpenFlags.WRONLY | OpenFlags.NONBLOCK | OpenFlags.NOCTTY;
    long opened = linux.files().openRaw(linux.currentDirectory(), given.procPath(), flags, 0);
    return opened < 0 ? null : new Descriptor(linux.gate(), (int) opened);
  }

  /** Waits for signals and for bytes, and carries these; whether there are signals. */
  boolean carry() {
    events[0] = ProcessCalls.POLL_IN;
    events[1] = typed.source();
    events[2] = typed.target();
    events[3] = printed.source();
    events[4] = printed.target();
    boolean hungUp = !printed.isOpen();
    int[] happened = linux.processes().poll(waiting, events, hungUp ? REOPENED_MILLIS : -1);
    if (happened[1] != 0) {
      typed.read();
    }
    if (happened[2] != 0) {
      typed.write();
    }
    if (happened[3] != 0) {
      printed.read();
    }
    if (happened[4] != 0) {
      printed.write();
    }
    if (hungUp) {
      printed.reopen();
    }
    return happened[0] != 0;
  }

  /** What the program has printed before it ended. */
  void drain() {
    while (printed.isHolding() || hasMore()) {
      if (printed.isHolding()) {
        await(output, ProcessCalls.POLL_OUT, -1);
        printed.write();
      } else {
        printed.read();
      }
    }
  }

  private boolean hasMore() {
    return printed.isOpen()
        && (await(waiting.get(3), ProcessCalls.POLL_IN, 0) & ProcessCalls.POLL_IN) != 0;
  }

  private int await(Descriptor descriptor, int event, int millis) {
    return linux.processes().poll(List.of(descriptor), new int[] {event}, millis)[0];
  }

  @Override
  public void close() {
    if (output.number() > 2) {
      output.close();
    }
    memory.close();
  }
}
