package dev.jrunc.runtime.cgroup;

import org.jspecify.annotations.Nullable;

/** Who makes the groups: this process by mkdir(2), or systemd on request. */
public interface CgroupDriver {

  /** Where the groups of a container will be; nothing is made yet. */
  CgroupPaths locate(@Nullable String cgroupsPath, String containerId);

  /** Makes the groups; what was made is gone again if this fails. */
  Cgroup create(CgroupPaths paths);

  /** Groups that exist already, from a container's state. */
  Cgroup existing(CgroupPaths paths);
}
