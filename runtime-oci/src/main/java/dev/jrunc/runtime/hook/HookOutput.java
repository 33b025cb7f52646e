package dev.jrunc.runtime.hook;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.kernel.Utf8;
import dev.jrunc.runtime.process.Interruption;
import java.util.List;

/**
 * The end of what a hook prints to standard output and standard error. It is read all the time, so
 * that a hook that prints much neither waits for us nor fills the memory.
 */
final class HookOutput {
  private static final int LONGEST = 4096;

  /** After the hook has ended: what it left running may print for ever. */
  private static final int MOST_PIECES = 32;

  private final Linux linux;
  private final Descriptor pipe;
  private final byte[] piece = new byte[LONGEST];
  private final byte[] kept = new byte[LONGEST];
  private int length;
  private boolean cut;
  private boolean open = true;

  HookOutput(Linux linux, Descriptor pipe) {
    this.linux = linux;
    this.pipe = pipe;
  }

  /** Waits for output or the end of the process; whether it has ended. */
  boolean awaitEnd(Descriptor process, int millis) {
    List<Descriptor> both = open ? List.of(process, pipe) : List.of(process);
    int[] events =
        open
            ? new int[] {ProcessCalls.POLL_IN, ProcessCalls.POLL_IN}
            : new int[] {ProcessCalls.POLL_IN};
    int[] happened = Interruption.poll(linux, both, events, millis);
    if (open && happened[1] != 0) {
      read();
    }
    return happened[0] != 0;
  }

  /** What was printed last, once the process has ended; begins with dots if more came before. */
  String tail() {
    for (int i = 0; i < MOST_PIECES && open && hasMore(); i++) {
      read();
    }
    String text = Utf8.decode(kept, 0, length).trim();
    return cut ? "..." + text : text;
  }

  private boolean hasMore() {
    return linux.processes().poll(List.of(pipe), new int[] {ProcessCalls.POLL_IN}, 0)[0] != 0;
  }

  private void read() {
    int got = (int) linux.streams().readRaw(pipe, piece);
    if (got <= 0) {
      open = false;
      return;
    }
    int old = Math.min(length, LONGEST - got);
    cut |= old < length;
    System.arraycopy(kept, length - old, kept, 0, old);
    System.arraycopy(piece, 0, kept, old, got);
    length = old + got;
  }
}
