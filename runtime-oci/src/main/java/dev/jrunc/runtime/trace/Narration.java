package dev.jrunc.runtime.trace;

import dev.jrunc.kernel.Descriptor;
import org.jspecify.annotations.Nullable;

/**
 * What is told beside the result: warnings, and with {@code --debug} what is being done. Static for
 * the reason that {@link Phase} is: the container's process goes on telling after the clone.
 */
public final class Narration {
  private static @Nullable Listener warnings;
  private static @Nullable Listener details;
  private static @Nullable Descriptor written;

  private Narration() {}

  /** Who takes what is told. */
  public interface Listener {
    void hear(String message);
  }

  public static void warnTo(Listener listener) {
    warnings = listener;
  }

  /**
   * The listener is told in the container's process too, where no path of the host is left.
   *
   * @param descriptor what it writes to, to be kept open there
   */
  public static void tellTo(Descriptor descriptor, Listener listener) {
    written = descriptor;
    details = listener;
  }

  /** What the listener of details writes to; null where there is none. */
  public static @Nullable Descriptor descriptor() {
    return written;
  }

  /** Whether anybody wants to know what is being done. */
  public static boolean detailed() {
    return details != null;
  }

  /** Not to be used in the container's process: its standard error is the program's. */
  public static void warn(String message) {
    if (warnings != null) {
      warnings.hear(message);
    }
  }

  public static void tell(String message) {
    if (details != null) {
      details.hear(message);
    }
  }
}
