package dev.jrunc.conformance.cases;

import dev.jrunc.conformance.harness.Sandbox;

/**
 * One thing that must hold.
 *
 * @param name a fact, unique
 * @param source what demands it: a section of the runtime specification, or runc's behaviour
 * @param isAlone whether no other case may run beside it, since it looks at the whole host
 */
record Case(String name, String source, Body body, boolean isAlone) {

  /** What is tried, in a place of its own. */
  interface Body {
    void run(Sandbox place) throws Exception;
  }

  static Case of(String name, String source, Body body) {
    return new Case(name, source, body, false);
  }

  /** The same, by itself. */
  Case alone() {
    return new Case(name, source, body, true);
  }
}
