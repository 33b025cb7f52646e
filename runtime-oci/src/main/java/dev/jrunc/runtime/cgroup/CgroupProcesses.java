package dev.jrunc.runtime.cgroup;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.error.Failure;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All processes of a container: who they are, signals to all of them, freezing. */
public final class CgroupProcesses {
  private static final String MEMBERS = "cgroup.procs";

  private final CgroupFiles files;
  private final CgroupPaths paths;

  CgroupProcesses(CgroupFiles files, CgroupPaths paths) {
    this.files = files;
    this.paths = paths;
  }

  /** Pids in this process's pid namespace, of the group and all groups below it. */
  public List<Integer> pids() {
    List<Integer> pids = new ArrayList<>();
    String top = countingDirectory();
    int below = top == null ? -1 : files.groupsBelow(top);
    if (top != null && below == 0) {
      collect(files.anywhere(), top + "/" + MEMBERS, pids);
    } else if (top != null && below > 0) {
      GroupWalk.over(
          files,
          top,
          new GroupWalk.Visitor() {
            @Override
            public void enter(Descriptor group) {
              collect(group, MEMBERS, pids);
            }
          });
    }
    return pids;
  }

  /** All v1 hierarchies hold the same processes; runc counts those of the devices one. */
  private @Nullable String countingDirectory() {
    String directory = paths.directory("devices");
    if (directory != null) {
      return directory;
    }
    List<String> all = paths.directories();
    return all.isEmpty() ? null : all.getFirst();
  }

  private void collect(Descriptor directory, String file, List<Integer> pids) {
    byte[] text;
    try {
      text = files.readWhole(directory, file);
    } catch (SyscallFailed failed) {
      // A threaded group of version 2 says EOPNOTSUPP: its domain, above it, has listed them.
      if (CgroupFiles.gone(-failed.errno()) || failed.errno() == Errno.EOPNOTSUPP) {
        return;
      }
      throw Failure.system("unable to get cgroup PIDs", failed);
    }
    int pid = 0;
    for (byte b : text) {
      if (b == '\n') {
        pids.add(pid);
        pid = 0;
      } else {
        pid = pid * 10 + (b - '0');
      }
    }
  }

  /** Sends {@code signal} to every process; none is an answer, not an error. */
  public void signalAll(int signal) {
    String unified = paths.byController().get(CgroupHost.UNIFIED);
    boolean v2 = paths.layout() == CgroupLayout.V2;
    if (signal == ProcessCalls.SIGKILL && v2 && unified != null) {
      // Since Linux 5.14: nobody escapes by forking.
      if (files.writeRaw(unified + "/cgroup.kill", "1") == 0) {
        return;
      }
    }
    // Frozen processes neither fork nor end, so the list is whole and no pid is used again.
    boolean wasFrozen = frozen();
    if (!wasFrozen && pids().isEmpty()) {
      // Freezing costs 0.3 ms on v1, and an empty group does not fill by itself.
      return;
    }
    boolean froze = !wasFrozen && tryFreeze();
    for (int pid : pids()) {
      // 0 is what the kernel shows of a process outside of our pid namespace; for kill(2) it is us.
      if (pid > 0) {
        files.linux().processes().killRaw(pid, signal);
      }
    }
    // On v1 a frozen process cannot even die.
    if (froze || (wasFrozen && signal == ProcessCalls.SIGKILL)) {
      thaw();
    }
  }

  private boolean tryFreeze() {
    try {
      freeze();
      return true;
    } catch (Failure notFrozen) {
      return false;
    }
  }

  /** Whether the container is paused: by itself, not because a group above it is. */
  public boolean frozen() {
    String directory = paths.directory("freezer");
    if (directory == null) {
      return false;
    }
    if (paths.layout() == CgroupLayout.V2) {
      return "1".equals(files.readOrNull(directory + "/cgroup.freeze"));
    }
    String state = files.readOrNull(directory + "/freezer.state");
    return ("FROZEN".equals(state) || "FREEZING".equals(state))
        && !"0".equals(files.readOrNull(directory + "/freezer.self_freezing"));
  }

  /** Stops every process and waits until all stand still. */
  public void freeze() {
    String directory = freezer();
    if (paths.layout() == CgroupLayout.V2) {
      freezeUnified(directory);
      return;
    }
    String file = directory + "/freezer.state";
    // The v1 freezer can miss a process that is being made, and then stays FREEZING: asking again
    // helps, and now and then letting go first. The numbers are runc's.
    for (int i = 0; i < 1000; i++) {
      if (i % 50 == 49) {
        files.writeRaw(file, "THAWED");
        files.pause(10);
      }
      require(file, "FROZEN", files.writeRaw(file, "FROZEN"));
      if ("FROZEN".equals(files.readOrNull(file))) {
        return;
      }
    }
    files.writeRaw(file, "THAWED");
    throw notFrozen(file);
  }

  private void freezeUnified(String directory) {
    require(directory + "/cgroup.freeze", "1", files.writeRaw(directory + "/cgroup.freeze", "1"));
    int wait = 1;
    for (int waited = 0; waited < 10_000; waited += wait) {
      String events = files.readOrNull(directory + "/cgroup.events");
      if (events == null || events.contains("frozen 1")) {
        return;
      }
      files.pause(wait);
      wait = Math.min(wait * 2, 50);
    }
    files.writeRaw(directory + "/cgroup.freeze", "0");
    throw notFrozen(directory + "/cgroup.freeze");
  }

  /** Lets the processes go on. */
  public void thaw() {
    boolean v2 = paths.layout() == CgroupLayout.V2;
    String file = freezer() + (v2 ? "/cgroup.freeze" : "/freezer.state");
    String value = v2 ? "0" : "THAWED";
    require(file, value, files.writeRaw(file, value));
  }

  private String freezer() {
    if (paths.byController().isEmpty()) {
      // runc's words.
      throw CgroupLimits.unsupported(
          "cannot toggle freezer: cgroups not configured for container", "", Delegation.MEND);
    }
    String directory = paths.directory("freezer");
    if (directory == null) {
      throw CgroupLimits.unsupported(
          "cannot pause: cgroup controller \"freezer\" is not mounted",
          "",
          "mount it: mount -t cgroup -o freezer none /sys/fs/cgroup/freezer");
    }
    return directory;
  }

  private static Failure notFrozen(String file) {
    return Failure.of(Failure.Code.SYSTEM, "unable to freeze")
        .phase("cgroup")
        .path(file)
        .errno(Errno.EBUSY)
        .hint("a process waits in the kernel and cannot be stopped; try again")
        .build();
  }

  private static void require(String file, String value, long result) {
    if (result < 0) {
      throw Cgroup.cannotWrite(file, value, result, "", "");
    }
  }
}
