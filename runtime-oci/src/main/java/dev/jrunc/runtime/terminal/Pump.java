package dev.jrunc.runtime.terminal;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.Memory;
import dev.jrunc.kernel.ProcessCalls;

/**
 * One direction of a relay, for poll(2) to drive: what was read is kept until it is written, and
 * nothing more is read until then. The buffer is one for the whole life: a relay may run for days,
 * and garbage is collected late here.
 */
final class Pump {
  private final Linux linux;
  private final Descriptor from;
  private final Descriptor to;
  private final Memory.Block buffer;
  private final int mostAtOnce;
  private int start;
  private int end;
  private boolean open = true;

  /**
   * @param buffer its size is what is read at once
   * @param mostAtOnce how many bytes {@code to} takes without waiting when poll(2) says it does
   */
  Pump(Linux linux, Descriptor from, Descriptor to, Memory.Block buffer, int mostAtOnce) {
    this.linux = linux;
    this.from = from;
    this.to = to;
    this.buffer = buffer;
    this.mostAtOnce = mostAtOnce;
  }

  /** The events to wait for on what is read. */
  int source() {
    return open && !isHolding() ? ProcessCalls.POLL_IN : ProcessCalls.POLL_NOT;
  }

  /** The events to wait for on what is written to. */
  int target() {
    return isHolding() ? ProcessCalls.POLL_OUT : ProcessCalls.POLL_NOT;
  }

  /** Whether something was read and not yet written. */
  boolean isHolding() {
    return start < end;
  }

  /** Whether the source has not come to its end. */
  boolean isOpen() {
    return open;
  }

  /** Once poll(2) has said so of the source. */
  void read() {
    long length = linux.streams().readRaw(from, buffer);
    if (length > 0) {
      start = 0;
      end = (int) length;
    } else if (length != -Errno.EAGAIN && length != -Errno.EINTR) {
      // Of a master, EIO tells that no side of the terminal is open.
      open = false;
    }
  }

  /** Once poll(2) has said so of the target. */
  void write() {
    long length =
        linux.streams().writeSomeRaw(to, buffer, start, Math.min(end - start, mostAtOnce));
    if (length >= 0) {
      start += (int) length;
    } else if (length != -Errno.EAGAIN && length != -Errno.EINTR) {
      // Nobody takes it any more; the program is not to wait for that.
      start = end;
    }
  }

  /** The source may have more after its end: a terminal can be opened again. */
  void reopen() {
    open = true;
  }
}
