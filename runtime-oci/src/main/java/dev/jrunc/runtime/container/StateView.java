package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.cgroup.Cgroup;
import dev.jrunc.runtime.cgroup.CgroupPaths;
import dev.jrunc.runtime.cgroup.CgroupfsDriver;
import dev.jrunc.runtime.process.StartGate;
import dev.jrunc.runtime.state.ContainerState;
import dev.jrunc.runtime.state.ContainerStore;
import dev.jrunc.spec.ContainerStatus;
import dev.jrunc.spec.State;

/** A container as it is now: what is remembered of it, and what its process and cgroups say. */
public final class StateView {
  private final Linux linux;
  private final ContainerStore store;

  public StateView(Linux linux, ContainerStore store) {
    this.linux = linux;
    this.store = store;
  }

  public ContainerStatus status(ContainerState state) {
    return state.init().alive(linux) ? statusAlive(state) : ContainerStatus.STOPPED;
  }

  /** The status of a container whose first process is known to be there. */
  ContainerStatus statusAlive(ContainerState state) {
    // Before the gate: a created container that is paused must be resumed, not started.
    if (cgroup(state).processes().frozen()) {
      return ContainerStatus.PAUSED;
    }
    return StartGate.stands(linux, store.root() + "/" + state.id())
        ? ContainerStatus.CREATED
        : ContainerStatus.RUNNING;
  }

  public Cgroup cgroup(ContainerState state) {
    return new CgroupfsDriver(linux).existing(new CgroupPaths(state.cgroupPaths()));
  }

  /** The state as {@code state} and {@code list} show it. */
  public State describe(ContainerState state) {
    ContainerStatus status = status(state);
    int pid = status == ContainerStatus.STOPPED ? 0 : state.init().pid();
    return describe(state, status, pid);
  }

  /** The state as hooks are told it. */
  static State describe(ContainerState state, ContainerStatus status, int pid) {
    return new State(
        state.ociVersion(),
        state.id(),
        status,
        pid,
        state.bundle(),
        state.rootfs(),
        state.created(),
        state.annotations(),
        "");
  }
}
