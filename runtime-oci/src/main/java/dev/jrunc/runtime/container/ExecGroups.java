package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import dev.jrunc.runtime.cgroup.Cgroup;
import dev.jrunc.runtime.cgroup.CgroupEntry;
import dev.jrunc.runtime.cgroup.CgroupLayout;
import dev.jrunc.runtime.cgroup.CgroupPaths;
import dev.jrunc.runtime.cgroup.CgroupfsDriver;
import dev.jrunc.runtime.cgroup.SubGroups;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.state.ContainerState;
import java.util.List;

/**
 * Where an executed program enters. On v2 that may be another group than the container's: an init
 * that is a systemd moves itself into a group below, after which the kernel lets nobody enter the
 * one above; or it has left the group, which is gone then. Then the program goes where init is.
 */
final class ExecGroups {
  private final CgroupfsDriver driver;
  private final ContainerState state;
  private final CgroupPaths paths;
  private final boolean mayFollowInit;

  ExecGroups(Linux linux, ContainerState state, List<String> subGroups) {
    this.driver = new CgroupfsDriver(linux);
    this.state = state;
    CgroupPaths own = new CgroupPaths(state.cgroupPaths());
    this.paths = subGroups.isEmpty() ? own : SubGroups.of(own, subGroups);
    this.mayFollowInit = subGroups.isEmpty() && own.layout() == CgroupLayout.V2;
  }

  CgroupEntry open() {
    try {
      return driver.existing(paths).openEntry();
    } catch (Failure e) {
      if (mayFollowInit) {
        return openInits(e);
      }
      throw e.within("error adding pid to cgroups");
    }
  }

  /** Whether a failed clone3(2) means that the group cannot be entered and init's may be. */
  boolean canFollowInit(SyscallFailed failed) {
    return mayFollowInit
        && failed.call() == SystemCall.CLONE3
        && (failed.errno() == Errno.EBUSY || failed.errno() == Errno.ENOENT);
  }

  /**
   * Whether a failed clone3(2) means that this user may not move processes from where they are, as
   * one whose login is in another branch may not; systemd may.
   */
  boolean mustBeMoved(SyscallFailed failed) {
    return mayFollowInit
        && !state.unit().isEmpty()
        && failed.call() == SystemCall.CLONE3
        && (failed.errno() == Errno.EACCES || failed.errno() == Errno.EPERM);
  }

  CgroupEntry openInits(RuntimeException reason) {
    Cgroup inits = driver.unifiedGroupOf(state.init().pid());
    if (inits == null) {
      throw reason;
    }
    return inits.openEntry();
  }
}
