package dev.jrunc.runtime.plan;

/** A step that builds the file system the container will see. */
public sealed interface RootfsStep extends Step {

  /** Makes the mount tree of the new namespace stop propagating to the host. */
  record IsolateMounts(String pointer, long propagation) implements RootfsStep {}
}
