package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import dev.jrunc.runtime.cgroup.Cgroup;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.state.ContainerId;
import dev.jrunc.runtime.state.ContainerState;
import dev.jrunc.runtime.state.ContainerStore;
import dev.jrunc.spec.Namespace;
import dev.jrunc.spec.NamespaceType;

/** {@code kill}: sends a signal to a container's first process, or to all of them. */
public final class Signalling {
  private final Linux linux;
  private final ContainerStore store;

  public Signalling(Linux linux, ContainerStore store) {
    this.linux = linux;
    this.store = store;
  }

  /** To the first process; a container that has stopped is a failure that engines know. */
  public void signal(ContainerId id, int signal) {
    ContainerState state = store.load(id);
    if (signal == ProcessCalls.SIGKILL && sharesPids(id)) {
      killAll(state);
      return;
    }
    try (Descriptor process = state.init().open(linux)) {
      if (process == null) {
        throw notRunning();
      }
      long result = linux.processes().signalRaw(process, signal);
      if (result < 0) {
        throw Failure.system(
            "cannot signal container " + id,
            new SyscallFailed(
                SystemCall.PIDFD_SEND_SIGNAL, "pid " + state.init().pid(), (int) -result));
      }
      thawIfKilled(state, signal);
    }
  }

  /** To every process of its cgroup, stopped or not; of its pid namespace where it has none. */
  public void signalAll(ContainerId id, int signal) {
    ContainerState state = store.load(id);
    if (state.cgroupPaths().isEmpty()) {
      for (int pid : new NamespaceProcesses(linux).of(state)) {
        linux.processes().killRaw(pid, signal);
      }
      return;
    }
    Cgroup cgroup = new StateView(linux, store).cgroup(state);
    if (cgroup.exists()) {
      cgroup.processes().signalAll(signal);
    }
  }

  // Where the first process is none of a pid namespace, the kernel ends the others not with it.
  private boolean sharesPids(ContainerId id) {
    dev.jrunc.spec.Linux config;
    try {
      config = Bundle.parse("config.json", store.config(id)).linux();
    } catch (Failure e) {
      // Lost, or no longer valid to a newer jrunc: what is to be ended has to end all the same.
      return true;
    }
    if (config == null) {
      return true;
    }
    for (Namespace namespace : config.namespaces()) {
      if (namespace.type() == NamespaceType.PID && namespace.path() == null) {
        return false;
      }
    }
    return true;
  }

  private void killAll(ContainerState state) {
    Cgroup cgroup = new StateView(linux, store).cgroup(state);
    boolean any = cgroup.exists() && !cgroup.processes().pids().isEmpty();
    try (Descriptor process = state.init().open(linux)) {
      if (!any && process == null) {
        throw notRunning();
      }
      if (process != null) {
        linux.processes().signalRaw(process, ProcessCalls.SIGKILL);
      }
    }
    if (any) {
      cgroup.processes().signalAll(ProcessCalls.SIGKILL);
    }
  }

  private static Failure notRunning() {
    return Failure.of(Failure.Code.WRONG_STATUS, "container not running")
        .phase("signal")
        .errno(Errno.ESRCH)
        .build();
  }

  // A frozen process takes even SIGKILL only when it is thawed.
  private void thawIfKilled(ContainerState state, int signal) {
    if (signal == ProcessCalls.SIGKILL) {
      Cgroup cgroup = new StateView(linux, store).cgroup(state);
      if (cgroup.exists() && cgroup.processes().frozen()) {
        cgroup.processes().thaw();
      }
    }
  }
}
