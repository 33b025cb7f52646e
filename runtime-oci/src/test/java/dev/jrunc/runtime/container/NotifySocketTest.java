package dev.jrunc.runtime.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

class NotifySocketTest {
  @Test
  void readyMayStandInAnyLine() {
    assertEquals("READY=1", NotifySocket.readyLine("READY=1"));
    assertEquals("READY=1", NotifySocket.readyLine("READY=1\nSTATUS=up\n"));
    assertEquals("READY=1", NotifySocket.readyLine("STATUS=up\nREADY=1"));
    assertEquals("READY=1", NotifySocket.readyLine("STATUS=up\nREADY=1\nX=y"));
  }

  @Test
  void whatOnlyContainsItIsNotReady() {
    assertNull(NotifySocket.readyLine(""));
    assertNull(NotifySocket.readyLine("STATUS=READY=1"));
    assertNull(NotifySocket.readyLine("NOTREADY=1\n\n"));
  }
}
