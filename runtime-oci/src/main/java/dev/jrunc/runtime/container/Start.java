package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.hook.HookRunner;
import dev.jrunc.runtime.process.StartGate;
import dev.jrunc.runtime.state.ContainerId;
import dev.jrunc.runtime.state.ContainerState;
import dev.jrunc.runtime.state.ContainerStore;
import dev.jrunc.runtime.systemd.Systemd;
import dev.jrunc.runtime.trace.Phase;
import dev.jrunc.spec.ContainerStatus;
import dev.jrunc.spec.Spec;
import dev.jrunc.spec.SpecWriter;
import org.jspecify.annotations.Nullable;

/** {@code start}: lets a created container run its program. */
public final class Start {
  private final Linux linux;
  private final ContainerStore store;
  private final Systemd systemd;

  public Start(Linux linux, ContainerStore store, Systemd systemd) {
    this.linux = linux;
    this.store = store;
    this.systemd = systemd;
  }

  /**
   * Starts it, and where a service manager listens waits until the program is ready.
   *
   * @param notifyHost the manager's socket, null for none
   */
  public void start(ContainerId id, @Nullable String notifyHost) {
    NotifySocket notify = NotifySocket.of(linux, notifyHost);
    if (notify == null) {
      start(id);
      return;
    }
    try (notify) {
      try (Descriptor folder = store.open(id)) {
        notify.bind(folder);
      }
      ContainerState state = store.load(id);
      try (Descriptor pidfd = state.init().open(linux)) {
        start(id);
        if (pidfd != null) {
          notify.forward(pidfd, state.init().pid());
        }
      }
    }
  }

  private void start(ContainerId id) {
    Phase.begin("check status");
    ContainerState state = store.load(id);
    StateView view = new StateView(linux, store);
    switch (view.status(state)) {
      case CREATED, CREATING -> {}
      case STOPPED -> throw Run.wrongStatus("cannot start a container that has stopped");
      case RUNNING -> throw Run.wrongStatus("cannot start an already running container");
      case PAUSED -> throw Run.wrongStatus("cannot start a container in the paused state");
    }
    try (Descriptor folder = store.open(id)) {
      Phase.begin("open gate");
      Failure failure = StartGate.open(linux, folder);
      if (failure != null) {
        throw failure.within("unable to start container process");
      }
    }
    poststart(id, state);
  }

  // runtime-spec 1.3, "Lifecycle" 9: a poststart hook that fails is an error, and the container
  // goes.
  private void poststart(ContainerId id, ContainerState state) {
    byte[] config = store.config(id);
    if (!mentions(config, "poststart")) {
      return;
    }
    Spec spec = Bundle.parse("config.json", config);
    byte[] document =
        SpecWriter.state(
            StateView.describe(state, ContainerStatus.RUNNING, state.init().pid()), "");
    try {
      new HookRunner(linux).run("poststart", spec.hooks().poststart(), document);
    } catch (Failure e) {
      new Deletion(linux, store, systemd).force(id);
      throw e;
    }
  }

  /** Whether {@code word} occurs: most configs have no such hook and need not be parsed again. */
  static boolean mentions(byte[] config, String word) {
    int length = word.length();
    for (int i = 0; i + length <= config.length; i++) {
      int j = 0;
      while (j < length && config[i + j] == word.charAt(j)) {
        j++;
      }
      if (j == length) {
        return true;
      }
    }
    return false;
  }
}
