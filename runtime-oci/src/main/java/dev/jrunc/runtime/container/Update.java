package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.cgroup.Cgroup;
import dev.jrunc.runtime.cgroup.CgroupLimits;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.rdt.ResourceControl;
import dev.jrunc.runtime.state.ContainerId;
import dev.jrunc.runtime.state.ContainerState;
import dev.jrunc.runtime.state.ContainerStore;
import dev.jrunc.runtime.systemd.Systemd;
import dev.jrunc.runtime.systemd.SystemdDriver;
import dev.jrunc.spec.ContainerStatus;
import dev.jrunc.spec.IntelRdt;
import dev.jrunc.spec.MemoryResources;
import dev.jrunc.spec.Resources;
import dev.jrunc.spec.Spec;
import dev.jrunc.spec.SpecWriter;
import org.jspecify.annotations.Nullable;

/**
 * {@code update}: changes the limits of a container that is there. Devices are left alone, since
 * others may have added to them. The config kept with the state follows, so that the next update
 * knows what holds.
 */
public final class Update {
  private final Linux linux;
  private final ContainerStore store;
  private final Systemd systemd;

  public Update(Linux linux, ContainerStore store, Systemd systemd) {
    this.linux = linux;
    this.store = store;
    this.systemd = systemd;
  }

  /**
   * Changes what is named.
   *
   * @param cacheSchema of Intel RDT, null to leave it
   * @param bandwidthSchema likewise
   */
  public void update(
      ContainerId id,
      Resources resources,
      @Nullable String cacheSchema,
      @Nullable String bandwidthSchema) {
    ContainerState state = store.load(id);
    StateView view = new StateView(linux, store);
    if (view.status(state) == ContainerStatus.STOPPED) {
      throw Run.wrongStatus("container not running");
    }
    Spec spec = Bundle.parse("config.json", store.config(id));
    dev.jrunc.spec.Linux section = spec.linux() == null ? dev.jrunc.spec.Linux.EMPTY : spec.linux();
    Resources old = section.resources();
    ResourcesChange change = ResourcesChange.of(old, resources);
    IntelRdt rdt = null;
    if (cacheSchema != null || bandwidthSchema != null) {
      rdt = changed(section.intelRdt(), cacheSchema, bandwidthSchema);
    }
    set(view.cgroup(state), state.unit(), change.written(), old);
    if (rdt != null && state.rdt() != null) {
      ResourceControl.require(linux).change(state.rdt(), rdt);
    }
    dev.jrunc.spec.Linux kept = section.withResources(change.kept());
    Spec changed = spec.withLinux(rdt == null ? kept : kept.withIntelRdt(rdt));
    try (Descriptor folder = store.open(id)) {
      store.replaceConfig(folder, SpecWriter.config(changed, ""));
    }
  }

  private IntelRdt changed(
      @Nullable IntelRdt old, @Nullable String cacheSchema, @Nullable String bandwidthSchema) {
    ResourceControl control = ResourceControl.find(linux);
    if (cacheSchema != null && (control == null || !control.hasCacheAllocation())) {
      throw unsupported("Intel RDT/CAT: l3 cache schema is not enabled");
    }
    if (bandwidthSchema != null && (control == null || !control.hasBandwidthAllocation())) {
      throw unsupported("Intel RDT/MBA: memory bandwidth schema is not enabled");
    }
    if (old == null) {
      throw unsupported("updating a non-existent Intel RDT configuration is not supported");
    }
    return old.withSchemas(cacheSchema, bandwidthSchema);
  }

  private static Failure unsupported(String message) {
    return Failure.of(Failure.Code.UNSUPPORTED, message)
        .phase("resource control")
        .pointer("/linux/intelRdt")
        .hint("create the container with linux.intelRdt, where resctrl is mounted")
        .build();
  }

  private void set(Cgroup cgroup, String unit, Resources written, @Nullable Resources old) {
    CgroupLimits limits = limits(cgroup, unit, written);
    MemoryResources memory = written.memory();
    if (memory != null && Boolean.TRUE.equals(memory.checkBeforeUpdate())) {
      cgroup.requireMoreThanInUse(memory);
    }
    try {
      apply(cgroup, unit, limits);
    } catch (Failure failed) {
      goBack(cgroup, unit, old);
      throw failed;
    }
  }

  private static CgroupLimits limits(Cgroup cgroup, String unit, Resources resources) {
    Resources said = unit.isEmpty() ? resources : SystemdDriver.rounded(resources);
    return CgroupLimits.ofUpdate(cgroup.paths().layout(), said);
  }

  // systemd first: it might else write an old limit over a new one.
  private void apply(Cgroup cgroup, String unit, CgroupLimits limits) {
    if (!unit.isEmpty()) {
      SystemdDriver.update(systemd, unit, cgroup.paths().layout(), limits);
    }
    cgroup.apply(limits);
  }

  // Some of the new limits may hold already: without the rest they were not asked for.
  private void goBack(Cgroup cgroup, String unit, @Nullable Resources old) {
    if (old == null) {
      return;
    }
    try {
      apply(cgroup, unit, limits(cgroup, unit, old));
    } catch (Failure ignored) {
      // The first failure is what the caller must see; this one follows from it.
      return;
    }
  }
}
