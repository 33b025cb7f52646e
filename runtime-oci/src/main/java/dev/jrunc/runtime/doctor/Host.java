package dev.jrunc.runtime.doctor;

import dev.jrunc.runtime.cgroup.CgroupHost;
import org.jspecify.annotations.Nullable;

/** What the checks ask. No answer changes anything. */
interface Host {
  /** The effective user. */
  long uid();

  /** A variable of the environment; null if it is not set or empty. */
  @Nullable String variable(String name);

  /** A small file without blanks around; null if it cannot be read. */
  @Nullable String text(String path);

  boolean exists(String path);

  /** Whether a folder can be made at this path: the nearest one that is there decides. */
  boolean mayMake(String path);

  boolean mayExecute(String path);

  /** Whether a file can be read and written. */
  boolean mayUse(String path);

  /** Where the network's helper program of this name is; null if it is nowhere. */
  @Nullable String networkProgram(String name);

  /** Where newuidmap or newgidmap is; null if it is nowhere. */
  @Nullable String idMapProgram(String name);

  /** The mounted hierarchies; null if there are none. */
  @Nullable CgroupHost cgroups();

  boolean resctrlMounted();
}
