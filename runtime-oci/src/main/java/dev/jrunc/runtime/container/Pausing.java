package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.state.ContainerId;
import dev.jrunc.runtime.state.ContainerState;
import dev.jrunc.runtime.state.ContainerStore;
import dev.jrunc.spec.ContainerStatus;

/** {@code pause} and {@code resume}: stops all processes of a container, and lets them go on. */
public final class Pausing {
  private final Linux linux;
  private final ContainerStore store;

  public Pausing(Linux linux, ContainerStore store) {
    this.linux = linux;
    this.store = store;
  }

  /** A created container can be paused too: it then waits for resume and for start. */
  public void pause(ContainerId id) {
    ContainerState state = store.load(id);
    StateView view = new StateView(linux, store);
    ContainerStatus status = view.status(state);
    if (status != ContainerStatus.RUNNING && status != ContainerStatus.CREATED) {
      throw wrong("container not running", id, status);
    }
    view.cgroup(state).processes().freeze();
  }

  public void resume(ContainerId id) {
    ContainerState state = store.load(id);
    StateView view = new StateView(linux, store);
    ContainerStatus status = view.status(state);
    if (status != ContainerStatus.PAUSED) {
      throw wrong("container not paused", id, status);
    }
    view.cgroup(state).processes().thaw();
  }

  private static Failure wrong(String message, ContainerId id, ContainerStatus status) {
    return Failure.of(Failure.Code.WRONG_STATUS, message)
        .phase("check status")
        .hint("container \"" + id + "\" is " + status.wireName())
        .build();
  }
}
