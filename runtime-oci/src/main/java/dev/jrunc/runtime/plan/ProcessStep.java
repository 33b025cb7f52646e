package dev.jrunc.runtime.plan;

/** A step that shapes the process itself. */
public sealed interface ProcessStep extends Step {

  /** Starts a session of its own, so that no terminal of the caller is controlling. */
  record NewSession(String pointer) implements ProcessStep {}
}
