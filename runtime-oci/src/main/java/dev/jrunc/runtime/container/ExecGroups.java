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

  /** Whether a process could not be made in the group, and can be in init's. */
  boolean canFollowInit(Failure failed) {
    int errno = ofClone(failed);
    return mayFollowInit
        && (errno == Errno.EBUSY || errno == Errno.ENOENT || errno == Errno.ENODEV);
  }

  /**
   * Whether a process could not be made since this user may not move processes from where they are,
   * as one whose login is in another branch may not; systemd may.
   */
  boolean mustBeMoved(Failure failed) {
    int errno = ofClone(failed);
    return mayFollowInit
        && !state.unit().isEmpty()
        && (errno == Errno.EACCES || errno == Errno.EPERM);
  }

  /** The error number of clone3(2), 0 where something else failed. */
  private static int ofClone(Failure failed) {
    return failed.getCause() instanceof SyscallFailed call && call.call() == SystemCall.CLONE3
        ? call.errno()
        : 0;
  }

  CgroupEntry openInits(RuntimeException reason) {
    Cgroup inits = driver.unifiedGroupOf(state.init().pid());
    if (inits == null) {
      throw reason;
    }
    return inits.openEntry();
  }
}
