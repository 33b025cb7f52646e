package dev.jrunc.runtime.process;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.runtime.error.Failure;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A signal that is to end this command while it makes something. It is blocked, so that it cannot
 * end it between two steps of which one would have to be undone, and is looked for wherever the
 * command waits for others. There it becomes a {@link Failure}, which unmakes what was made.
 *
 * <p>Static for the reason that {@link dev.jrunc.runtime.trace.Phase} is: the waits are many, deep,
 * and of the process as a whole.
 */
public final class Interruption {
  private static final int[] ENDING = {
    ProcessCalls.SIGHUP, ProcessCalls.SIGINT, ProcessCalls.SIGQUIT, ProcessCalls.SIGTERM
  };

  // struct signalfd_siginfo is 128 bytes and begins with the signal's number.
  private static final int SIGNAL_SIZE = 128;

  private static @Nullable Descriptor signals;
  private static boolean armed;
  private static long maskBefore;
  private static int came;

  private Interruption() {}

  /** From now on such a signal interrupts; not one that the caller ignores, as nohup(1) does. */
  public static void watch(Linux linux) {
    long mask = 0;
    for (int signal : ENDING) {
      if (!linux.processes().ignores(signal)) {
        mask |= 1L << (signal - 1);
      }
    }
    maskBefore = linux.processes().blockMoreSignals(mask);
    signals = linux.processes().openSignals(mask);
    armed = true;
  }

  /** What was made stands: such a signal does again what it did before {@link #watch}. */
  public static void end(Linux linux) {
    if (armed) {
      forget();
      linux.processes().blockSignals(maskBefore);
    }
  }

  /** Nothing interrupts any more; for what is to be done whole, and for a process that was made. */
  public static void forget() {
    armed = false;
    close();
  }

  private static void close() {
    if (signals != null) {
      signals.close();
      signals = null;
    }
  }

  /** The signal that has interrupted this command, 0 for none. */
  public static int signal() {
    return came;
  }

  /**
   * Fails if such a signal has come; again if the first failure was taken for one that there is a
   * way round. Waits fail but once: what cleans up on its own way out waits too.
   */
  public static void check(Linux linux) {
    if (armed && came != 0) {
      throw failure(came);
    }
    if (signals != null) {
      byte[] signal = new byte[SIGNAL_SIZE];
      if (linux.streams().readRaw(signals, signal) == SIGNAL_SIZE) {
        came = signal[0] & 0xff;
        close();
        throw failure(came);
      }
    }
  }

  /**
   * As {@code poll} of {@link ProcessCalls}; fails if such a signal comes first. What comes at the
   * same time counts: it may be that what was to be made stands.
   */
  public static int[] poll(Linux linux, List<Descriptor> descriptors, int[] events, int millis) {
    Descriptor watched = signals;
    if (watched == null) {
      return linux.processes().poll(descriptors, events, millis);
    }
    int count = descriptors.size();
    List<Descriptor> all = new ArrayList<>(descriptors);
    all.add(watched);
    int[] wanted = Arrays.copyOf(events, count + 1);
    wanted[count] = ProcessCalls.POLL_IN;
    int[] happened = linux.processes().poll(all, wanted, millis);
    boolean other = false;
    for (int i = 0; i < count; i++) {
      other |= happened[i] != 0;
    }
    if (happened[count] != 0 && !other) {
      check(linux);
    }
    return Arrays.copyOf(happened, count);
  }

  /** Connects to a local socket; fails if such a signal comes while nobody accepts. */
  public static Descriptor connect(Linux linux, String path) {
    return linux.sockets().connectLocal(path, () -> check(linux));
  }

  /** Waits until there is something to read; at once where nothing can interrupt. */
  static void awaitReadable(Linux linux, Descriptor descriptor) {
    while (signals != null
        && poll(linux, List.of(descriptor), new int[] {ProcessCalls.POLL_IN}, -1)[0] == 0) {
      // Interrupted by something else.
    }
  }

  private static Failure failure(int signal) {
    String name =
        switch (signal) {
          case ProcessCalls.SIGHUP -> "HUP";
          case ProcessCalls.SIGINT -> "INT";
          case ProcessCalls.SIGQUIT -> "QUIT";
          default -> "TERM";
        };
    return Failure.of(Failure.Code.INTERRUPTED, "interrupted by signal " + name).build();
  }
}
