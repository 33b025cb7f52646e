package dev.jrunc.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.kernel.jnr.JnrGate;
import org.junit.jupiter.api.Test;

/** What is special to the gate on the JVM: how arguments and errno get through. */
class JnrGateTest {
  private static final int PAGE = 4096;
  private static final int READ = 1;
  private static final int PRIVATE = 2;
  private static final int ANONYMOUS = 0x20;

  private final JnrGate gate = new JnrGate();

  @Test
  void answersTheNegatedErrno() {
    assertEquals(-Errno.EBADF, call(SystemCall.CLOSE, -1, 0, 0, 0, 0, 0));
  }

  // A sixth argument that is not handed over is whatever the stack holds: rarely 0, and the offset
  // of a mapping must be a multiple of the page.
  @Test
  void handsOverASixthArgumentOfZero() {
    for (int i = 0; i < 1000; i++) {
      long address = call(SystemCall.MMAP, 0, PAGE, READ, PRIVATE | ANONYMOUS, -1, 0);
      assertTrue(address > 0, () -> "mmap: " + address);
      assertEquals(0, gate.getLong(address));
    }
  }

  @Test
  void handsOverASixthArgumentThatIsNotZero() {
    long result = call(SystemCall.MMAP, 0, PAGE, READ, PRIVATE | ANONYMOUS, -1, 1);
    assertEquals(-Errno.EINVAL, result);
  }

  private long call(SystemCall call, long a, long b, long c, long d, long e, long f) {
    return gate.call(call.number(gate.architecture()), a, b, c, d, e, f);
  }
}
