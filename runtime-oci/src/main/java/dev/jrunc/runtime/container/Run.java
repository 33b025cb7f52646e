package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.hook.HookRunner;
import dev.jrunc.runtime.process.Interruption;
import dev.jrunc.runtime.state.ContainerStore;
import dev.jrunc.runtime.state.PidFile;
import dev.jrunc.runtime.terminal.Foreground;
import dev.jrunc.runtime.trace.Phase;
import dev.jrunc.spec.ContainerStatus;
import dev.jrunc.spec.SpecWriter;
import org.jspecify.annotations.Nullable;

/** {@code create} and {@code run}. */
public final class Run {
  private final Linux linux;
  private final ContainerStore store;

  public Run(Linux linux, ContainerStore store) {
    this.linux = linux;
    this.store = store;
  }

  /** Makes a container that waits for {@code start}. */
  public void create(CreateRequest request) {
    Created created = new Creation(linux, store, request).create();
    created.process().channel().close();
    created.process().pidfd().close();
  }

  /** What becomes of a container whose program has ended. */
  public enum Afterwards {
    DELETE,
    KEEP
  }

  /**
   * Makes a container and runs its program: to its end, or beside this command if it is detached.
   *
   * @return the program's exit code, 0 if it is detached
   */
  public int run(CreateRequest request, Afterwards afterwards) {
    if (request.detached()) {
      begin(request).process().pidfd().close();
      return 0;
    }
    try (Foreground foreground = Foreground.begin(linux)) {
      Created created = begin(request);
      int code;
      try (Descriptor master = created.master();
          Descriptor pidfd = created.process().pidfd()) {
        Phase.begin("run program");
        code = await(foreground, created, pidfd, master, request);
      }
      if (afterwards == Afterwards.DELETE) {
        new Deletion(linux, store, request.systemd())
            .remove(request.id(), created.state(), NetworkRemoval.Manner.ASIDE);
      }
      return code;
    }
  }

  // The streams of the program may fail us, and then nobody would stay beside it.
  private int await(
      Foreground foreground,
      Created created,
      Descriptor pidfd,
      @Nullable Descriptor master,
      CreateRequest request) {
    try {
      return foreground.await(created.process().pid(), pidfd, master);
    } catch (RuntimeException e) {
      new Deletion(linux, store, request.systemd()).force(request.id());
      if (request.pidFile() != null) {
        PidFile.remove(linux, request.pidFile());
      }
      boolean call = e instanceof SyscallFailed;
      throw Failure.of(
              call ? Failure.Code.SYSTEM : Failure.Code.INTERNAL,
              "cannot stay beside the container, which was ended and deleted: " + e.getMessage())
          .phase("run program")
          .errno(call ? ((SyscallFailed) e).errno() : 0)
          .because(e);
    }
  }

  private Created begin(CreateRequest request) {
    Creation creation = new Creation(linux, store, request);
    Created created = creation.create();
    // Its program is running: a hook that fails now must take the container along.
    try {
      poststart(created);
      Interruption.end(linux);
      forward(request, creation.notifySocket(), created);
    } catch (RuntimeException e) {
      Interruption.forget();
      new Deletion(linux, store, request.systemd()).force(request.id());
      if (request.pidFile() != null) {
        PidFile.remove(linux, request.pidFile());
      }
      throw e;
    } finally {
      created.process().channel().close();
    }
    return created;
  }

  // Beside the program, this command waits for its end anyway; else it waits for its readiness.
  private static void forward(
      CreateRequest request, @Nullable NotifySocket notify, Created created) {
    if (notify == null) {
      return;
    }
    try (notify) {
      if (request.detached()) {
        notify.forward(created.process().pidfd(), created.process().pid());
      } else {
        notify.forwardAside(created.process().pidfd(), created.process().pid());
      }
    }
  }

  private void poststart(Created created) {
    if (!created.poststart().isEmpty()) {
      byte[] state =
          SpecWriter.state(
              StateView.describe(created.state(), ContainerStatus.RUNNING, created.process().pid()),
              "");
      new HookRunner(linux).run("poststart", created.poststart(), state);
    }
  }

  static Failure wrongStatus(String message) {
    return Failure.of(Failure.Code.WRONG_STATUS, message).phase("check status").build();
  }
}
