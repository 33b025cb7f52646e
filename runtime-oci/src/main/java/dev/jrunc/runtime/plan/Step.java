package dev.jrunc.runtime.plan;

/**
 * One act of the process that becomes the container's first program. A step holds all it needs; the
 * order of a {@link Plan} is the only thing that joins two steps.
 */
public sealed interface Step permits RootfsStep, ProcessStep {

  /** Where in config.json this comes from as a JSON pointer; empty for the runtime's own steps. */
  String pointer();
}
