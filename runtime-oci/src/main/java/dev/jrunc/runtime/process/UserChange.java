package dev.jrunc.runtime.process;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.capability.BoundingSet;
import dev.jrunc.runtime.capability.CapabilityApplier;
import dev.jrunc.runtime.capability.CapabilityPlan;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.plan.ProcessStep.ChangeUser;
import dev.jrunc.spec.User;

/**
 * Changes to the user of the config. The order is the kernel's: the bounding set while we still
 * have CAP_SETPCAP, groups before the user while we still have CAP_SETGID, capabilities after the
 * user because setuid(2) clears them.
 */
final class UserChange {
  private final Linux linux;

  UserChange(Linux linux) {
    this.linux = linux;
  }

  /** Comes back with what is left to do where the step keeps a capability for the filter. */
  CapabilityApplier perform(ChangeUser step) {
    // As root first: a folder may be closed to the user, or on a server that squashes root.
    long asRoot = linux.processes().changeDirectoryRaw(step.workingDirectory());
    BoundingSet bounding = BoundingSet.read(linux);
    CapabilityPlan wanted = CapabilityPlan.of(step.capabilities(), bounding.known());
    wanted.requireAvailable(bounding.available(), linux.credentials().capabilities().permitted());
    CapabilityApplier capabilities = new CapabilityApplier(linux, wanted);
    capabilities.beforeIds();
    ownStandardStreams(step.user());
    setIds(step.user(), step.ownUserNamespace());
    if (asRoot < 0) {
      long asUser = linux.processes().changeDirectoryRaw(step.workingDirectory());
      if (asUser < 0) {
        throw directoryFailed(step.workingDirectory(), (int) -asUser);
      }
    }
    refuseDirectoryOutsideRoot(step.workingDirectory());
    capabilities.afterIds(step.filterFollows());
    return capabilities;
  }

  private void setIds(User user, boolean ownUserNamespace) {
    long groups = linux.credentials().setGroupsRaw(user.additionalGids());
    // user_namespaces(7): where /proc/PID/setgroups says deny, groups cannot be set; that only
    // matters if some were asked for.
    boolean denied = ownUserNamespace && user.additionalGids().isEmpty();
    if (groups < 0 && !(denied && groups == -Errno.EPERM)) {
      throw idFailed("setgroups", "/process/user/additionalGids", (int) -groups);
    }
    long group = linux.credentials().setGidRaw(user.gid());
    if (group < 0) {
      throw idFailed("setgid " + user.gid(), "/process/user/gid", (int) -group);
    }
    long uid = linux.credentials().setUidRaw(user.uid());
    if (uid < 0) {
      throw idFailed("setuid " + user.uid(), "/process/user/uid", (int) -uid);
    }
  }

  // A program that is not root must be able to reopen its own standard streams through /proc. Never
  // the host's /dev/null, which all share.
  private void ownStandardStreams(User user) {
    for (int i = 0; i <= 2; i++) {
      Descriptor stream = new Descriptor(linux.gate(), i);
      try {
        FileStatus status = linux.files().status(stream);
        boolean shared = status.is(FileMode.CHARACTER_DEVICE) && status.device().major() == 1;
        // A folder is nobody's stream, and what was opened as a path alone cannot be read.
        boolean isStream = !shared && !status.is(FileMode.DIRECTORY);
        if (status.uid() != user.uid() && isStream && !isPathAlone(stream)) {
          linux.files().chown(stream, "", user.uid(), -1, dev.jrunc.kernel.FileCalls.EMPTY_PATH);
        }
      } catch (SyscallFailed e) {
        // EPERM: unmapped owner; EINVAL: unmapped id; EROFS: nothing to be done; EBADF: closed.
        if (e.errno() != Errno.EPERM
            && e.errno() != Errno.EINVAL
            && e.errno() != Errno.EROFS
            && e.errno() != Errno.EBADF) {
          throw e;
        }
      }
    }
  }

  private boolean isPathAlone(Descriptor stream) {
    int getFlags = 3;
    return (linux.streams().control(stream, getFlags, 0) & OpenFlags.PATH) != 0;
  }

  // CVE-2024-21626: a working directory such as /proc/self/fd/7 can lie outside the root; getcwd(2)
  // then says so.
  private void refuseDirectoryOutsideRoot(String path) {
    String actual;
    try {
      actual = linux.processes().currentDirectory();
    } catch (SyscallFailed e) {
      throw directoryFailed(path, e.errno());
    }
    if (!actual.startsWith("/")) {
      throw Failure.of(
              Failure.Code.SYSTEM,
              "current working directory is outside of container mount namespace root --"
                  + " possible container breakout detected")
          .phase("working directory")
          .pointer("/process/cwd")
          .path(path)
          .build();
    }
  }

  private static Failure directoryFailed(String path, int errno) {
    return Failure.of(
            Failure.Code.SYSTEM,
            "chdir to cwd (\"" + path + "\") set in config.json failed: " + Errno.message(errno))
        .phase("working directory")
        .pointer("/process/cwd")
        .path(path)
        .errno(errno)
        .build();
  }

  private static Failure idFailed(String call, String pointer, int errno) {
    String hint =
        errno == Errno.EINVAL ? "the id has no mapping in the container's user namespace" : "";
    return Failure.of(Failure.Code.SYSTEM, call + ": " + Errno.message(errno))
        .phase("change user")
        .pointer(pointer)
        .errno(errno)
        .hint(hint)
        .build();
  }
}
