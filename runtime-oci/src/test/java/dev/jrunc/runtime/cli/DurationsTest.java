package dev.jrunc.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jrunc.runtime.error.Failure;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
  @ParameterizedTest
  @CsvSource({
    "5s, 5000",
    "250ms, 250",
    "1m30s, 90000",
    "1.5h, 5400000",
    ".5s, 500",
    "1us, 1",
    "100µs, 1",
    "0, 0",
    "0s, 0",
    "-2s, -2000"
  })
  void readsWhatGoReads(String word, long millis) {
    assertEquals(millis, Durations.millis(word, "interval"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "s", "5 s", "1.2.3s", "5parsecs", "-", "99999999999999999999h"})
  void refusesWhatGoRefuses(String word) {
    Failure failure = assertThrows(Failure.class, () -> Durations.millis(word, "interval"));
    assertEquals(
        "Incorrect Usage. invalid value \"" + word + "\" for flag -interval", failure.getMessage());
  }
}
