package dev.jrunc.runtime.rootfs;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.runtime.plan.RootfsStep;

/** Gets the trees that bind mounts attach. */
public interface BindSources {

  /**
   * A detached copy of the step's source, its ids mapped where the step asks for it, as the mounts
   * of the container's namespace are at this moment; the caller closes it.
   */
  Descriptor open(RootfsStep.BindMount step);
}
