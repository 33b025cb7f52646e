package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.plan.ProcessStep.JoinNamespace;
import dev.jrunc.runtime.state.ProcessIdentity;
import dev.jrunc.spec.Namespace;
import dev.jrunc.spec.NamespaceType;
import java.util.ArrayList;
import java.util.List;

/** Finds the namespaces that a program executed in a container has to join. */
final class Neighbours {
  private final Linux linux;

  Neighbours(Linux linux) {
    this.linux = linux;
  }

  /**
   * Those of a container's first process. One that ends meanwhile is a failure: its namespaces go
   * before it does, and a program that did not join them would run in the caller's.
   *
   * @param pidfd of the process, as it was opened before its status was looked at
   * @param own what the container's config names, which need not be looked at: but for the user
   *     namespace, since setns(2) refuses the one a process is in
   */
  List<JoinNamespace> of(ProcessIdentity process, Descriptor pidfd, List<Namespace> own) {
    List<JoinNamespace> joins = new ArrayList<>();
    for (NamespaceType type : NamespaceType.values()) {
      String name = fileName(type);
      String theirs = "/proc/" + process.pid() + "/ns/" + name;
      if ((type != NamespaceType.USER && isNew(type, own)) || differs(theirs, name)) {
        joins.add(new JoinNamespace("", type, theirs));
      }
    }
    // After all were looked at: had it ended before, the number might be another process's.
    if (linux.processes().signalRaw(pidfd, 0) == -Errno.ESRCH) {
      throw ended();
    }
    return joins;
  }

  private static boolean isNew(NamespaceType type, List<Namespace> own) {
    for (Namespace namespace : own) {
      if (namespace.type() == type) {
        return namespace.path() == null;
      }
    }
    return false;
  }

  // A namespace that is shared need not be joined.
  private boolean differs(String theirs, String name) {
    FileStatus our =
        linux.files().statusOrNull(linux.currentDirectory(), "/proc/self/ns/" + name, 0);
    if (our == null) {
      return false; // This kernel has none of this type.
    }
    FileStatus their = linux.files().statusOrNull(linux.currentDirectory(), theirs, 0);
    if (their == null) {
      throw ended();
    }
    return !their.sameFileAs(our);
  }

  private static Failure ended() {
    return Run.wrongStatus("cannot exec in a stopped container");
  }

  private static String fileName(NamespaceType type) {
    return switch (type) {
      case PID -> "pid";
      case NETWORK -> "net";
      case MOUNT -> "mnt";
      case IPC -> "ipc";
      case UTS -> "uts";
      case USER -> "user";
      case CGROUP -> "cgroup";
      case TIME -> "time";
    };
  }
}
