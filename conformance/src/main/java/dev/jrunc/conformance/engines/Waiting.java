package dev.jrunc.conformance.engines;

import dev.jrunc.conformance.harness.Expect;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Waiting for what an engine does in its own time. */
final class Waiting {
  private static final int TRIES = 200;
  private static final int INTERVAL_MILLIS = 50;

  private Waiting() {}

  /** Until it holds, ten seconds at most. */
  static void until(Callable<Boolean> holds, String otherwise) throws Exception {
    for (int i = 0; i < TRIES; i++) {
      if (holds.call()) {
        return;
      }
      pause(INTERVAL_MILLIS);
    }
    throw new AssertionError(otherwise);
  }

  static void untilStatus(Engine engine, String container, String status) throws Exception {
    until(
        () -> engine.status(container).equals(status),
        container + " does not become " + status + " but is " + engine.status(container));
  }

  static void pause(int millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      Expect.that(false, "interrupted");
    }
  }
}
