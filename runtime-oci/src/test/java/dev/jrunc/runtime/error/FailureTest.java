package dev.jrunc.runtime.error;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import org.junit.jupiter.api.Test;

class FailureTest {

  private static Failure openFailed() {
    return Failure.system(
        "cannot read /x", new SyscallFailed(SystemCall.OPENAT, "/x", Errno.EACCES));
  }

  @Test
  void whatIsMissingIsFilledAndWhatIsThereStays() {
    Failure located = openFailed().orAt("read config", "/root");
    assertEquals("read config", located.phase());
    assertEquals("/root", located.pointer());
    assertEquals("/x", located.path());
    assertEquals(Errno.EACCES, located.errno());
    Failure again = located.orAt("other", "/other");
    assertEquals("read config", again.phase());
    assertEquals("/root", again.pointer());
  }

  @Test
  void aPrefixKeepsAllParts() {
    Failure outer = openFailed().orAt("read config", "/root").within("create failed");
    assertEquals("create failed: cannot read /x: permission denied", outer.getMessage());
    assertEquals("read config", outer.phase());
    assertEquals("/root", outer.pointer());
    assertEquals(Errno.EACCES, outer.errno());
  }

  @Test
  void everyCodeHasAHintAndAnOwnOneGoesFirst() {
    for (Failure.Code code : Failure.Code.values()) {
      assertFalse(Failure.of(code, "x").build().hint().isEmpty(), code.name());
    }
    assertEquals("mend it", Failure.of(Failure.Code.SYSTEM, "x").hint("mend it").build().hint());
    assertEquals("", Failure.of(Failure.Code.SYSTEM, "x").build().ownHint());
  }
}
