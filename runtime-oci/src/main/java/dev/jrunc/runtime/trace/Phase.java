package dev.jrunc.runtime.trace;

import dev.jrunc.runtime.error.Failure;

/**
 * The phase this process is in. Static, because it is one of the process as a whole: a clone goes
 * on from a copy of it, and no object would have to be handed to whoever may fail.
 */
public final class Phase {
  private static String name = "";
  private static String pointer = "";

  private Phase() {}

  /** What is done from now on. */
  public static void begin(String phase) {
    begin(phase, "");
  }

  /** What is done from now on, and where in config.json it comes from. */
  public static void begin(String phase, String at) {
    name = phase;
    pointer = at;
  }

  /** The same failure, with this phase where it has none of its own. */
  public static Failure locate(Failure failure) {
    return failure.orAt(name, pointer);
  }
}
