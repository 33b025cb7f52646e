package dev.jrunc.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jrunc.runtime.error.Failure;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessTableTest {
  private static final String TABLE =
      "UID    PID  PPID CMD\nroot    12     1 a 13\nweb     13    12 b\n";

  @Test
  void keepsTheHeadAndTheRowsOfTheContainer() {
    assertEquals(
        "UID    PID  PPID CMD\nweb     13    12 b\n", ProcessTable.select(TABLE, List.of(13)));
  }

  @Test
  void findsThePidWhereverItsColumnIs() {
    assertEquals("CMD PID\nx 7\n", ProcessTable.select("CMD PID\nx 7\ny 8\n", List.of(7)));
  }

  @Test
  void refusesATableWithoutPids() {
    Failure failure =
        assertThrows(Failure.class, () -> ProcessTable.select("CMD\nsleep\n", List.of(1)));
    assertEquals("couldn't find PID field in ps output", failure.getMessage());
  }

  @Test
  void refusesARowWhosePidIsNoNumber() {
    Failure failure =
        assertThrows(Failure.class, () -> ProcessTable.select("PID\nsleep\n", List.of(1)));
    assertEquals("unable to parse pid: \"sleep\"", failure.getMessage());
  }
}
