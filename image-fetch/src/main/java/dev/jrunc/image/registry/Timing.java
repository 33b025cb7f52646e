package dev.jrunc.image.registry;

import dev.jrunc.image.failure.ImageFailure;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long to wait for what.
 *
 * @param connect until a connection stands
 * @param answer until the head of a response is there
 * @param stall between two pieces of a body
 * @param firstPause before the first retry; each further one waits twice as long
 * @param longestPause the longest wait that a registry may ask for
 */
public record Timing(
    Duration connect, Duration answer, Duration stall, Duration firstPause, Duration longestPause) {
  public static final Timing PATIENT =
      new Timing(
          Duration.ofSeconds(15),
          Duration.ofSeconds(60),
          Duration.ofSeconds(45),
          Duration.ofMillis(400),
          Duration.ofSeconds(60));

  /**
   * The pause after failure number {@code attempt}, spread so that many clients do not come at
   * once.
   */
  Duration backoff(int attempt) {
    long doubled = firstPause.toMillis() << Math.min(attempt - 1, 16);
    long spread = doubled == 0 ? 0 : ThreadLocalRandom.current().nextLong(doubled / 4 + 1);
    return Duration.ofMillis(Math.min(doubled + spread, longestPause.toMillis()));
  }

  void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImageFailure("interrupted", e);
    }
  }
}
