package dev.jrunc.runtime.nativetest;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.teavm.NativeGate;
import java.util.List;

/** Runs every case and prints one line for each; ends with how many passed and failed. */
public final class Main {
  private Main() {}

  /** A case: it throws where it does not hold. */
  interface Case {
    void run() throws Exception;
  }

  /** A case with its name, a fact. */
  record Named(String fact, Case body) {}

  /** Exit code 0 if all cases hold. */
  public static void main(String[] args) {
    Linux linux = Linux.over(new NativeGate());
    Descriptor output = new Descriptor(linux.gate(), 1);
    int passed = 0;
    int failed = 0;
    List<List<Named>> groups =
        List.of(
            LanguageCases.all(),
            MemoryCases.all(linux),
            JsonCases.all(),
            ProcessCases.all(linux),
            SpawnCases.all(linux));
    for (List<Named> group : groups) {
      for (Named named : group) {
        String outcome = outcome(named);
        if (outcome.isEmpty()) {
          passed++;
        } else {
          failed++;
        }
        String line = outcome.isEmpty() ? "ok   " : "FAIL ";
        linux.streams().write(output, line + named.fact() + outcome + "\n");
      }
    }
    linux.streams().write(output, passed + " passed, " + failed + " failed\n");
    linux.processes().exit(failed == 0 ? 0 : 1);
  }

  private static String outcome(Named named) {
    try {
      named.body().run();
      return "";
    } catch (Exception e) {
      return ": " + e;
    }
  }

  static void check(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException(what);
    }
  }

  static void equal(Object expected, Object actual) {
    if (!expected.equals(actual)) {
      throw new IllegalStateException("expected " + expected + " but was " + actual);
    }
  }

  /** The body must fail with this kind of exception. */
  static void fails(Class<? extends Exception> kind, Case body) {
    try {
      body.run();
    } catch (Exception e) {
      check(kind.isInstance(e), "failed with " + e + " in place of " + kind.getName());
      return;
    }
    throw new IllegalStateException("did not fail with " + kind.getName());
  }
}
