package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.cgroup.Cgroup;
import dev.jrunc.runtime.cgroup.CgroupfsDriver;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.state.ContainerId;
import dev.jrunc.runtime.state.ContainerState;
import dev.jrunc.runtime.state.ContainerStore;
import dev.jrunc.runtime.systemd.Systemd;
import dev.jrunc.runtime.systemd.SystemdDriver;
import dev.jrunc.runtime.trace.Narration;
import dev.jrunc.runtime.trace.Phase;
import dev.jrunc.spec.ContainerStatus;
import dev.jrunc.spec.Spec;
import dev.jrunc.spec.SpecReader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code delete}: what a container had on the host is gone afterwards, its folder last. */
public final class Deletion {
  private static final int LONGEST_WAIT_MILLIS = 10_000;

  private final Linux linux;
  private final ContainerStore store;
  private final Systemd systemd;

  public Deletion(Linux linux, ContainerStore store, Systemd systemd) {
    this.linux = linux;
    this.store = store;
    this.systemd = systemd;
  }

  /** Deletes a stopped container, and one that was never started after ending it. */
  public void delete(ContainerId id) {
    Phase.begin("check status");
    ContainerState state = store.load(id);
    ContainerStatus status = new StateView(linux, store).status(state);
    switch (status) {
      case STOPPED -> {}
      case CREATED, CREATING -> end(state);
      case RUNNING, PAUSED ->
          throw Run.wrongStatus(
              "cannot delete container " + id + " that is not stopped: " + status.wireName());
    }
    remove(id, state, NetworkRemoval.Manner.WHOLE);
  }

  /** Deletes whatever there is of a container; one that is not there is no failure. */
  public void force(ContainerId id) {
    ContainerState state = store.exists(id) ? store.loadOrNull(id) : null;
    if (state == null && store.exists(id)) {
      state = made(id);
    }
    if (state == null) {
      removeUnsavedGroups(id);
      new HostRootfs(linux, store, id).detach();
      new NetworkRemoval(linux, store).force(id);
      store.remove(id);
      return;
    }
    end(state);
    remove(id, state, NetworkRemoval.Manner.FORCED);
  }

  // A folder without a state: of a create that has failed or was killed, or that is under way. What
  // that one is about to make would be left behind.
  private @Nullable ContainerState made(ContainerId id) {
    if (!store.awaitMade(id, LONGEST_WAIT_MILLIS)) {
      throw Failure.of(Failure.Code.WRONG_STATUS, "container \"" + id + "\" is still being created")
          .phase("await creation")
          .hint("end the create first: perhaps one of its hooks does not come back")
          .build();
    }
    return store.loadOrNull(id);
  }

  // Of a create that was killed: its process ends with it, its groups stay, and no state says
  // where.
  private void removeUnsavedGroups(ContainerId id) {
    byte[] config = storeConfig(id);
    Spec spec = config.length == 0 ? null : SpecReader.readConfig(config).spec();
    if (spec == null) {
      return;
    }
    try {
      CgroupfsDriver driver = new CgroupfsDriver(linux);
      String path = spec.linux() == null ? null : spec.linux().cgroupsPath();
      driver.existing(driver.locate(path, id.text())).remove();
    } catch (Failure notRemoved) {
      // Whoever is in them is none of a container that we know.
      Narration.warn("no state.json tells whose they are: " + notRemoved.getMessage());
    }
  }

  /** Removes what is left of a container whose first process has ended. */
  void remove(ContainerId id, ContainerState state, NetworkRemoval.Manner manner) {
    Phase.begin("remove cgroups");
    Cgroup cgroup = new StateView(linux, store).cgroup(state);
    if (cgroup.exists()) {
      // With a pid namespace of its own all its processes are gone; with a shared one they are not.
      cgroup.processes().signalAll(ProcessCalls.SIGKILL);
    }
    stopUnit(state.unit());
    if (cgroup.exists()) {
      cgroup.remove();
    }
    RdtShare.of(linux, state).remove();
    new HostRootfs(linux, store, id).detach();
    new NetworkRemoval(linux, store).remove(id, manner);
    new PoststopHooks(linux).run(storeConfig(id), state);
    Phase.begin("remove state");
    store.remove(id);
  }

  // Also where the groups have gone with their last process: the unit may be left as a failed one.
  private void stopUnit(String unit) {
    if (unit.isEmpty()) {
      return;
    }
    try {
      SystemdDriver.stop(systemd, unit);
    } catch (SyscallFailed | Failure e) {
      // systemd takes a scope away without processes by itself; the groups are removed below.
      return;
    }
  }

  private byte[] storeConfig(ContainerId id) {
    try {
      return store.config(id);
    } catch (Failure e) {
      return new byte[0]; // A lost config has lost its hooks; the rest is still to be removed.
    }
  }

  private void end(ContainerState state) {
    Phase.begin("end processes");
    try (Descriptor process = state.init().open(linux)) {
      if (process == null) {
        return;
      }
      Cgroup cgroup = new StateView(linux, store).cgroup(state);
      linux.processes().signalRaw(process, ProcessCalls.SIGKILL);
      if (cgroup.exists() && cgroup.processes().frozen()) {
        // A frozen process takes no signal until it is thawed.
        cgroup.processes().thaw();
      }
      int[] ended =
          linux
              .processes()
              .poll(List.of(process), new int[] {ProcessCalls.POLL_IN}, LONGEST_WAIT_MILLIS);
      if (ended[0] == 0) {
        throw Failure.of(Failure.Code.SYSTEM, "container init still running")
            .phase("end processes")
            .hint("it waits in the kernel, where no signal reaches it; try again")
            .build();
      }
    }
  }
}
