package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.cgroup.Cgroup;
import dev.jrunc.runtime.cgroup.OomWatch;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.rdt.RdtGroup;
import dev.jrunc.runtime.rdt.ResourceControl;
import dev.jrunc.runtime.state.ContainerId;
import dev.jrunc.runtime.state.ContainerState;
import dev.jrunc.runtime.state.ContainerStore;
import dev.jrunc.runtime.stats.EventDocument;
import dev.jrunc.spec.ContainerStatus;

/** {@code events}: what a container uses, a line at a time, and when it has run out of memory. */
public final class Events {
  private final Linux linux;
  private final ContainerStore store;
  private final Descriptor output;

  public Events(Linux linux, ContainerStore store, Descriptor output) {
    this.linux = linux;
    this.store = store;
    this.output = output;
  }

  /** One line. */
  public void once(ContainerId id) {
    ContainerState state = running(id);
    linux.streams().write(output, stats(id, cgroup(state), state));
  }

  /** A line every {@code intervalMillis} and one for each OOM, until the container is gone. */
  public void stream(ContainerId id, long intervalMillis) {
    ContainerState state = running(id);
    Cgroup cgroup = cgroup(state);
    try (OomWatch watch = cgroup.watchOom()) {
      long next = millis() + intervalMillis;
      while (true) {
        long wait = Math.min(Math.max(0, next - millis()), intervalMillis);
        switch (watch.await((int) Math.min(wait, Integer.MAX_VALUE))) {
          case END -> {
            return;
          }
          case OOM -> linux.streams().write(output, EventDocument.oom(id.text()));
          case NONE -> {}
        }
        if (millis() >= next) {
          linux.streams().write(output, stats(id, cgroup, state));
          next += intervalMillis;
        }
      }
    }
  }

  private static long millis() {
    return System.nanoTime() / 1_000_000;
  }

  private byte[] stats(ContainerId id, Cgroup cgroup, ContainerState state) {
    RdtGroup group = state.rdt();
    ResourceControl control = group == null ? null : ResourceControl.find(linux);
    return EventDocument.stats(
        id.text(), cgroup.stats(), group == null || control == null ? null : control.stats(group));
  }

  private Cgroup cgroup(ContainerState state) {
    return new StateView(linux, store).cgroup(state);
  }

  private ContainerState running(ContainerId id) {
    ContainerState state = store.load(id);
    StateView view = new StateView(linux, store);
    if (view.status(state) == ContainerStatus.STOPPED) {
      throw Failure.of(Failure.Code.WRONG_STATUS, "container with id " + id + " is not running")
          .phase("check status")
          .build();
    }
    return state;
  }
}
