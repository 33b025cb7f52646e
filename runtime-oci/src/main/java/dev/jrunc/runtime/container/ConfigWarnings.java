package dev.jrunc.runtime.container;

import dev.jrunc.runtime.capability.CapabilityPlan;
import dev.jrunc.runtime.trace.Narration;
import dev.jrunc.spec.Linux;
import dev.jrunc.spec.MemoryResources;
import dev.jrunc.spec.Mount;
import dev.jrunc.spec.Process;
import dev.jrunc.spec.Spec;

/** What runc says of a config that it takes: what is old, and what will have no effect. */
final class ConfigWarnings {
  private ConfigWarnings() {}

  static void tell(Spec spec) {
    for (Mount mount : spec.mounts()) {
      if (!mount.destination().startsWith("/")) {
        Narration.warn(
            "mount destination "
                + mount.destination()
                + " is not absolute. Support for non-absolute mount destinations will be removed"
                + " in a future release.");
      }
    }
    Process process = spec.process();
    CapabilityPlan.warn(process == null ? null : process.capabilities());
    Linux linux = spec.linux();
    if (linux == null) {
      return;
    }
    MemoryResources memory = linux.resources() == null ? null : linux.resources().memory();
    if (memory != null && (memory.kernel() != null || memory.kernelTcp() != null)) {
      Narration.warn("Kernel memory settings are ignored and will be removed");
    }
    if (linux.personality() != null && !linux.personality().flags().isEmpty()) {
      Narration.warn("ignoring unsupported personality flags: " + linux.personality().flags());
    }
  }
}
