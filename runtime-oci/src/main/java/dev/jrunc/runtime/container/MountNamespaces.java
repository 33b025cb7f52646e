package dev.jrunc.runtime.container;

import dev.jrunc.kernel.CloneFlags;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.WaitStatus;
import java.util.Objects;

/** Mount namespaces by their names in namespaces(7), such as {@code mnt:[4026531841]}. */
final class MountNamespaces {
  private final Linux linux;

  MountNamespaces(Linux linux) {
    this.linux = linux;
  }

  /** What is done in one; 0 or a negated errno. */
  interface Act {
    long perform();
  }

  /** The one that this process is in. */
  String own() {
    return name("self");
  }

  /** A process that is in {@code namespace}; 0 if there is none that can be looked at. */
  int processIn(String namespace) {
    int flags = OpenFlags.RDONLY | OpenFlags.DIRECTORY;
    try (Descriptor proc = linux.files().open(linux.currentDirectory(), "/proc", flags, 0)) {
      for (String name : linux.files().list(proc)) {
        boolean process = name.charAt(0) >= '1' && name.charAt(0) <= '9';
        if (process && namespace.equals(name(name))) {
          return Integer.parseInt(name);
        }
      }
    }
    return 0;
  }

  // Empty for one that has ended, or may not be looked at.
  private String name(String process) {
    try {
      return linux.files().readlink(linux.currentDirectory(), "/proc/" + process + "/ns/mnt");
    } catch (SyscallFailed e) {
      return "";
    }
  }

  /** Performs {@code act} in the namespace of {@code process}; this one stays where it is. */
  long in(int process, Act act) {
    ProcessCalls.Clone clone = linux.processes().clone(0, null);
    if (clone.inChild()) {
      linux.processes().exit((int) -attempt(process, act));
    }
    Objects.requireNonNull(clone.pidfd()).close();
    WaitStatus status = Objects.requireNonNull(linux.processes().waitFor(clone.pid(), 0));
    return status.signal() == 0 ? -status.exitCode() : -Errno.EIO;
  }

  private long attempt(int process, Act act) {
    try (Descriptor file =
        linux
            .files()
            .open(linux.currentDirectory(), "/proc/" + process + "/ns/mnt", OpenFlags.RDONLY, 0)) {
      linux.processes().joinNamespace(file, CloneFlags.NEWNS);
      return act.perform();
    } catch (SyscallFailed e) {
      return -e.errno();
    } catch (RuntimeException e) {
      return -Errno.EIO;
    }
  }
}
