package dev.jrunc.conformance.harness;

/** What must hold. */
public final class Expect {
  private Expect() {}

  /** A case does not hold. */
  public static final class Failed extends RuntimeException {
    Failed(String message) {
      super(message);
    }
  }

  /** A case cannot be tried here; the reason is counted and shown. */
  public static final class Skipped extends RuntimeException {
    Skipped(String reason) {
      super(reason);
    }
  }

  public static void that(boolean holds, String otherwise) {
    if (!holds) {
      throw new Failed(otherwise);
    }
  }

  public static void equal(Object expected, Object actual, String what) {
    that(expected.equals(actual), what + " is \"" + actual + "\" in place of \"" + expected + "\"");
  }

  public static void contains(String text, String part) {
    that(text.contains(part), "\"" + part + "\" is not in\n" + text);
  }

  public static void assume(boolean possible, String reason) {
    if (!possible) {
      throw new Skipped(reason);
    }
  }
}
