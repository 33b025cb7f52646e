package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.cgroup.Cgroup;
import dev.jrunc.runtime.cgroup.CgroupLimits;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.state.ContainerId;
import dev.jrunc.runtime.state.ContainerState;
import dev.jrunc.runtime.state.ContainerStore;
import dev.jrunc.spec.ContainerStatus;
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

  public Update(Linux linux, ContainerStore store) {
    this.linux = linux;
    this.store = store;
  }

  public void update(ContainerId id, Resources resources) {
    ContainerState state = store.load(id);
    StateView view = new StateView(linux, store);
    if (view.status(state) == ContainerStatus.STOPPED) {
      throw Run.wrongStatus("container not running");
    }
    Spec spec = Bundle.parse("config.json", store.config(id));
    dev.jrunc.spec.Linux section = spec.linux() == null ? dev.jrunc.spec.Linux.EMPTY : spec.linux();
    Resources old = section.resources();
    ResourcesChange change = ResourcesChange.of(old, resources);
    set(view.cgroup(state), change.written(), old);
    Spec changed = spec.withLinux(section.withResources(change.kept()));
    try (Descriptor folder = store.open(id)) {
      store.replaceConfig(folder, SpecWriter.config(changed, ""));
    }
  }

  private static void set(Cgroup cgroup, Resources written, @Nullable Resources old) {
    CgroupLimits limits = CgroupLimits.ofUpdate(cgroup.paths().layout(), written);
    MemoryResources memory = written.memory();
    if (memory != null && Boolean.TRUE.equals(memory.checkBeforeUpdate())) {
      cgroup.requireMoreThanInUse(memory);
    }
    try {
      cgroup.apply(limits);
    } catch (Failure failed) {
      goBack(cgroup, old);
      throw failed;
    }
  }

  // Some of the new limits may hold already: without the rest they were not asked for.
  private static void goBack(Cgroup cgroup, @Nullable Resources old) {
    if (old == null) {
      return;
    }
    try {
      cgroup.apply(CgroupLimits.ofUpdate(cgroup.paths().layout(), old));
    } catch (Failure ignored) {
      // The first failure is what the caller must see; this one follows from it.
      return;
    }
  }
}
