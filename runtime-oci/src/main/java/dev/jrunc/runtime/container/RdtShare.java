package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.rdt.RdtGroup;
import dev.jrunc.runtime.rdt.ResourceControl;
import dev.jrunc.runtime.state.ContainerState;
import dev.jrunc.runtime.trace.Phase;
import dev.jrunc.spec.IntelRdt;
import org.jspecify.annotations.Nullable;

/** The share of cache and memory bandwidth of a container; most have none, and nothing is done. */
record RdtShare(@Nullable ResourceControl control, @Nullable RdtGroup group) {
  private static final RdtShare NONE = new RdtShare(null, null);

  /** Makes it, before there is a process. */
  static RdtShare make(
      Linux linux, @Nullable IntelRdt wanted, String containerId, Unwinding unwinding) {
    if (wanted == null) {
      return NONE;
    }
    Phase.begin("make rdt group", "/linux/intelRdt");
    ResourceControl control = ResourceControl.require(linux);
    RdtGroup group = control.make(wanted, containerId);
    unwinding.add(() -> control.remove(group));
    return new RdtShare(control, group);
  }

  /** That of a container that is there. Where it is gone so is its limit, as in runc. */
  static RdtShare of(Linux linux, ContainerState state) {
    RdtGroup group = state.rdt();
    ResourceControl control = group == null ? null : ResourceControl.find(linux);
    return group == null || control == null || !control.has(group)
        ? NONE
        : new RdtShare(control, group);
  }

  /** Puts a process in, which is still busy with what comes before its program. */
  void enter(int pid) {
    if (control != null && group != null) {
      control.add(group, pid);
    }
  }

  /** Takes away what was made for the container. */
  void remove() {
    if (control != null && group != null) {
      Phase.begin("remove rdt group");
      control.remove(group);
    }
  }
}
