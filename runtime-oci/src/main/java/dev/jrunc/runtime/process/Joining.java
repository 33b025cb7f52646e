package dev.jrunc.runtime.process;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.plan.Planner;
import dev.jrunc.runtime.plan.ProcessStep.JoinNamespace;
import dev.jrunc.spec.NamespaceType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The existing namespaces to join, opened before any process is made: paths are the caller's. */
public final class Joining implements AutoCloseable {
  private final Linux linux;
  private final List<JoinNamespace> steps;
  private final List<Descriptor> files = new ArrayList<>();

  private final @Nullable Descriptor process;

  private Joining(Linux linux, List<JoinNamespace> steps, @Nullable Descriptor process) {
    this.linux = linux;
    this.steps = steps;
    this.process = process;
  }

  /** Opens the file of each; a missing one is named with its place in the config. */
  public static Joining open(Linux linux, List<JoinNamespace> steps) {
    Joining joining = new Joining(linux, steps, null);
    joining.openFiles();
    return joining;
  }

  /**
   * Those of one process, joined by one call where the kernel can (Linux 5.8) and the rights
   * suffice for all at once.
   *
   * @param process its pidfd, which stays open until they are joined
   * @param steps with their paths in /proc, opened only where that call fails
   */
  public static Joining of(Linux linux, Descriptor process, List<JoinNamespace> steps) {
    return new Joining(linux, steps, process);
  }

  private void openFiles() {
    for (JoinNamespace step : steps) {
      try {
        files.add(linux.files().open(linux.currentDirectory(), step.path(), OpenFlags.RDONLY, 0));
      } catch (SyscallFailed e) {
        close();
        throw failed(step, e);
      }
    }
  }

  /** The open file of the namespace of this type, null if none is joined. */
  @Nullable Descriptor file(NamespaceType type) {
    int index = indexOf(type);
    return index < 0 ? null : files.get(index);
  }

  /**
   * Joins all. Others come before the user namespace, while we still have the caller's rights over
   * them; what only the user namespace gives a right to is tried again after it. The mount
   * namespace is left to the end, since it takes /proc of the host away.
   */
  public void joinAll() {
    if (process != null && joinAtOnce(process)) {
      return;
    }
    List<Integer> refused = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      NamespaceType type = steps.get(i).type();
      if (type != NamespaceType.USER && type != NamespaceType.MOUNT && join(i) == Errno.EPERM) {
        refused.add(i);
      }
    }
    int mount = indexOf(NamespaceType.MOUNT);
    int user = indexOf(NamespaceType.USER);
    if (mount >= 0 && join(mount) == Errno.EPERM) {
      refused.add(mount);
    }
    if (user >= 0) {
      check(user, join(user));
    }
    for (int i : refused) {
      check(i, join(i));
    }
  }

  // All or none: where it fails nothing has changed.
  private boolean joinAtOnce(Descriptor pidfd) {
    long flags = 0;
    for (JoinNamespace step : steps) {
      flags |= Planner.flag(step.type());
    }
    long result = flags == 0 ? 0 : linux.processes().joinNamespaceRaw(pidfd, flags);
    if (result >= 0) {
      return true;
    }
    if (result == -Errno.ESRCH) {
      throw ended();
    }
    try {
      openFiles();
    } catch (Failure e) {
      throw e.errno() == Errno.ENOENT ? ended() : e;
    }
    // With the files open: had it ended before, its number might be somebody else's by now.
    if (linux.processes().signalRaw(pidfd, 0) == -Errno.ESRCH) {
      throw ended();
    }
    return false;
  }

  private static Failure ended() {
    return Failure.of(Failure.Code.WRONG_STATUS, "cannot exec in a stopped container")
        .phase("join namespace")
        .errno(Errno.ESRCH)
        .hint("its first process ended just now, and its namespaces with it")
        .build();
  }

  private int indexOf(NamespaceType type) {
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i).type() == type) {
        return i;
      }
    }
    return -1;
  }

  /** 0, or EPERM where a user namespace may still help; other failures end it. */
  private int join(int index) {
    try {
      linux.processes().joinNamespace(files.get(index), Planner.flag(steps.get(index).type()));
      return 0;
    } catch (SyscallFailed e) {
      if (e.errno() == Errno.EPERM) {
        return Errno.EPERM;
      }
      throw failed(steps.get(index), e);
    }
  }

  private void check(int index, int errno) {
    if (errno != 0) {
      throw failed(
          steps.get(index), new SyscallFailed(SystemCall.SETNS, steps.get(index).path(), errno));
    }
  }

  private static Failure failed(JoinNamespace step, SyscallFailed cause) {
    String hint =
        cause.errno() == Errno.EINVAL
            ? "the file must be a namespace of type \"" + step.type().wireName() + "\""
            : "";
    return Failure.of(
            Failure.Code.SYSTEM,
            "error joining "
                + step.type().wireName()
                + " namespace \""
                + step.path()
                + "\": "
                + Errno.message(cause.errno()))
        .phase("join namespace")
        .pointer(step.pointer())
        .path(step.path())
        .errno(cause.errno())
        .hint(hint)
        .because(cause);
  }

  @Override
  public void close() {
    for (Descriptor file : files) {
      file.close();
    }
  }
}
