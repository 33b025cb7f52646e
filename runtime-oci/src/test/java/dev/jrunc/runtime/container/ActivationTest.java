package dev.jrunc.runtime.container;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class ActivationTest {
  @Test
  void socketsForThisProcessAreCounted() {
    assertEquals(2, Activation.of(List.of("LISTEN_PID=7", "LISTEN_FDS=2"), 7).count());
  }

  @Test
  void socketsForAnotherProcessAreNot() {
    assertEquals(0, Activation.of(List.of("LISTEN_PID=8", "LISTEN_FDS=2"), 7).count());
    assertEquals(0, Activation.of(List.of("LISTEN_FDS=2"), 7).count());
  }

  @Test
  void whatIsNoNumberIsNone() {
    for (String number : List.of("", "-1", "2x", "99999999999")) {
      List<String> environment = List.of("LISTEN_PID=7", "LISTEN_FDS=" + number);
      assertEquals(0, Activation.of(environment, 7).count(), number);
    }
  }
}
