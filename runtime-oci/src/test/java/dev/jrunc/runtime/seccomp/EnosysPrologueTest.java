package dev.jrunc.runtime.seccomp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class EnosysPrologueTest {
  private static final int X86_64 = 0xc000003e;
  private static final int I386 = 0x40000003;
  private static final int AARCH64 = 0xc00000b7;
  private static final int X32 = 0x40000000;
  private static final int ENOSYS = 0x00050026;
  private static final int FILTER = 0x1234;

  /** The prologue before a filter that says FILTER to everything. */
  private static byte[] before(EnosysPrologue prologue) {
    byte[] bytes = prologue.bytes();
    byte[] all = java.util.Arrays.copyOf(bytes, bytes.length + 8);
    all[bytes.length] = 0x06;
    all[bytes.length + 4] = 0x34;
    all[bytes.length + 5] = 0x12;
    return all;
  }

  @Test
  void onlyCallsAboveTheHighestOfTheirArchitectureAreUnknown() {
    EnosysPrologue prologue = new EnosysPrologue();
    prologue.add(X86_64, false, 400);
    prologue.add(I386, false, 500);
    prologue.add(X86_64, true, X32 | 450);
    byte[] program = before(prologue);
    assertEquals(FILTER, BpfInterpreter.run(program, X86_64, 400));
    assertEquals(ENOSYS, BpfInterpreter.run(program, X86_64, 401));
    assertEquals(FILTER, BpfInterpreter.run(program, X86_64, X32 | 450));
    assertEquals(ENOSYS, BpfInterpreter.run(program, X86_64, X32 | 451));
    assertEquals(ENOSYS, BpfInterpreter.run(program, X86_64, -2));
    assertEquals(FILTER, BpfInterpreter.run(program, I386, 500));
    assertEquals(ENOSYS, BpfInterpreter.run(program, I386, 501));
    assertEquals(FILTER, BpfInterpreter.run(program, AARCH64, 5000));
  }

  @Test
  void aModeOfWhichNoCallIsNamedIsLeftToTheFilter() {
    EnosysPrologue prologue = new EnosysPrologue();
    prologue.add(X86_64, false, 400);
    assertEquals(FILTER, BpfInterpreter.run(before(prologue), X86_64, X32 | 9999));
    EnosysPrologue x32 = new EnosysPrologue();
    x32.add(X86_64, true, X32 | 400);
    assertEquals(FILTER, BpfInterpreter.run(before(x32), X86_64, 9999));
  }

  @Test
  void noArchitectureNeedsNoPrologue() {
    assertEquals(0, new EnosysPrologue().bytes().length);
  }
}
