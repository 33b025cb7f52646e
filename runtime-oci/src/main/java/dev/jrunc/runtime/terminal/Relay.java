package dev.jrunc.runtime.terminal;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.ProcessCalls;
import java.util.List;

/**
 * Carries bytes from the caller's input to a terminal's master and back to the caller's output. The
 * buffer is one for the whole life: a relay may run for days, and garbage is collected late here.
 */
final class Relay {
  private final Linux linux;
  private final Descriptor master;
  private final Descriptor input;
  private final Descriptor output;
  private final byte[] buffer = new byte[32768];
  private boolean inputOpen = true;
  private boolean masterOpen = true;

  Relay(Linux linux, Descriptor master) {
    this.linux = linux;
    this.master = master;
    this.input = new Descriptor(linux.gate(), 0);
    this.output = new Descriptor(linux.gate(), 1);
  }

  void addWaiting(List<Descriptor> waiting) {
    if (masterOpen) {
      waiting.add(master);
    }
    if (inputOpen) {
      waiting.add(input);
    }
  }

  void carry(List<Descriptor> waiting, int[] happened) {
    for (int i = 0; i < happened.length; i++) {
      if (happened[i] == 0) {
        continue;
      }
      if (waiting.get(i) == master) {
        masterOpen = move(master, output);
      } else if (waiting.get(i) == input) {
        inputOpen = move(input, master);
      }
    }
  }

  /** What the program has printed before it ended. */
  void drain() {
    int[] in = {ProcessCalls.POLL_IN};
    while (masterOpen
        && (linux.processes().poll(List.of(master), in, 0)[0] & ProcessCalls.POLL_IN) != 0) {
      masterOpen = move(master, output);
    }
  }

  // False at the end of {@code from}: EIO tells that no side of the terminal is open any more.
  private boolean move(Descriptor from, Descriptor to) {
    long length = linux.streams().readRaw(from, buffer);
    if (length <= 0) {
      return false;
    }
    linux.streams().writeRaw(to, buffer, (int) length);
    return true;
  }
}
