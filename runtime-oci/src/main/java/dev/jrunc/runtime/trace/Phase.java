package dev.jrunc.runtime.trace;

import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.error.Failure;
import org.jspecify.annotations.Nullable;

/**
 * The phase this process is in. Static, because it is one of the process as a whole: a clone goes
 * on from a copy of it, and no object would have to be handed to whoever may fail.
 */
public final class Phase {
  private static String name = "";
  private static String pointer = "";
  private static @Nullable Trace trace;
  private static @Nullable Timeline timeline;

  private Phase() {}

  /** Times all that follows, here and in the container's process to be. */
  public static Trace record(Linux linux) {
    Trace begun = new Trace(linux);
    trace = begun;
    timeline = begun.own(Track.COMMAND);
    return begun;
  }

  /** Whether anybody is interested in phases that only a trace or a debug log shows. */
  public static boolean recorded() {
    return timeline != null || Narration.detailed();
  }

  /** From here on this is another process than the one that began to record. */
  public static void goOn(Track track) {
    if (trace != null) {
      timeline = trace.shared(track);
    }
  }

  /** What is done from now on. */
  public static void begin(String phase) {
    begin(phase, "");
  }

  /** What is done from now on, and where in config.json it comes from. */
  public static void begin(String phase, String at) {
    name = phase;
    pointer = at;
    if (timeline != null) {
      timeline.begin(phase, at);
    }
    if (Narration.detailed()) {
      Narration.tell(at.isEmpty() ? phase : phase + " " + at);
    }
  }

  /** The same failure, with this phase where it has none of its own. */
  public static Failure locate(Failure failure) {
    return failure.orAt(name, pointer);
  }
}
