package dev.jrunc.conformance.engines;

/**
 * One thing that people do with an engine, and that must go well.
 *
 * @param name a fact
 */
record Check<E extends Engine>(String name, Body<E> body) {

  /** What is tried. */
  interface Body<E extends Engine> {
    void run(Place<E> place) throws Exception;
  }
}
