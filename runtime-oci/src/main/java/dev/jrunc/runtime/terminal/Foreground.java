package dev.jrunc.runtime.terminal;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.TerminalCalls;
import dev.jrunc.kernel.WaitStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stays beside a program until it ends: hands signals on, carries what is typed and printed between
 * two terminals, and reaps. Begin it before the program is made, so that no signal is lost.
 */
public final class Foreground implements AutoCloseable {
  private static final int SIGWINCH = 28;
  private static final int SIGURG = 23;
  private static final int SIGTSTP = 20;
  private static final int SIGTTIN = 21;
  private static final int SIGTTOU = 22;
  private static final int SET_CHILD_SUBREAPER = 36;
  // struct signalfd_siginfo is 128 bytes and begins with the signal's number.
  private static final int SIGNAL_SIZE = 128;

  private final Linux linux;
  private final Descriptor signals;
  private byte @Nullable [] callersMode;

  private Foreground(Linux linux, Descriptor signals) {
    this.linux = linux;
    this.signals = signals;
  }

  /** Blocks all signals, to be read from a descriptor, and adopts orphans of the program. */
  public static Foreground begin(Linux linux) {
    linux.processes().controlRaw(SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    long all = -1L;
    return new Foreground(linux, linux.processes().signalDescriptor(all));
  }

  /**
   * Waits for the program to end.
   *
   * @param pid of the program, a child of this process
   * @param master of its terminal, null where it has the caller's streams
   * @return its exit code, or 128 and the signal that ended it
   */
  public int await(int pid, Descriptor pidfd, @Nullable Descriptor master) {
    dropOwnPipeSignal();
    if (master == null) {
      int code;
      int[] readable = {ProcessCalls.POLL_IN};
      do {
        linux.processes().poll(List.of(signals), readable, -1);
        code = takeSignals(pid, pidfd, null);
      } while (code < 0);
      return code;
    }
    try (Relay relay = startRelay(master)) {
      int code;
      do {
        code = relay.carry() ? takeSignals(pid, pidfd, master) : -1;
      } while (code < 0);
      relay.drain();
      return code;
    }
  }

  // What setting up has written to a standard error that nobody reads is no matter of the program.
  private void dropOwnPipeSignal() {
    try (Descriptor pipe = linux.processes().openSignals(1L << (ProcessCalls.SIGPIPE - 1))) {
      linux.streams().readRaw(pipe, new byte[SIGNAL_SIZE]);
    }
  }

  private Relay startRelay(Descriptor master) {
    Descriptor input = new Descriptor(linux.gate(), 0);
    if (linux.terminals().isTerminal(input)) {
      callersMode = linux.terminals().mode(input);
      linux.terminals().makeRaw(input);
      resize(master);
    }
    return new Relay(linux, signals, master);
  }

  private void resize(Descriptor master) {
    Descriptor input = new Descriptor(linux.gate(), 0);
    if (linux.terminals().isTerminal(input)) {
      TerminalCalls.WindowSize size = linux.terminals().windowSize(input);
      // A terminal that knows no size of its own takes none from the config's.
      if (size.rows() != 0 || size.columns() != 0) {
        linux.terminals().setWindowSize(master, size);
      }
    }
  }

  private int takeSignals(int pid, Descriptor pidfd, @Nullable Descriptor master) {
    byte[] signal = new byte[SIGNAL_SIZE];
    while (linux.streams().readRaw(signals, signal) == SIGNAL_SIZE) {
      int number = signal[0] & 0xff;
      if (number == ProcessCalls.SIGCHLD) {
        int code = reap(pid);
        if (code >= 0) {
          return code;
        }
      } else if (number == SIGWINCH) {
        if (master != null) {
          resize(master);
        }
      } else if (!isOurs(number)) {
        linux.processes().signalRaw(pidfd, number);
      }
    }
    return -1;
  }

  // Job control of the caller's shell: the program has a session of its own.
  private static boolean isOurs(int signal) {
    return signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU || signal == SIGURG;
  }

  // Orphans of the program come to this process, and are reaped with it.
  private int reap(int pid) {
    for (WaitStatus status;
        (status = linux.processes().waitFor(-1, ProcessCalls.NO_HANG)) != null; ) {
      if (status.pid() == pid) {
        return status.exitCode();
      }
    }
    return -1;
  }

  /** Gives the caller's terminal its mode back. */
  @Override
  public void close() {
    if (callersMode != null) {
      try {
        linux.terminals().setMode(new Descriptor(linux.gate(), 0), callersMode);
      } catch (SyscallFailed e) {
        callersMode = null; // The caller's terminal is gone, and its mode with it.
      }
    }
    signals.close();
  }
}
