package dev.jrunc.runtime.cgroup;

import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.error.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes groups by mkdir(2) in the mounted hierarchies. */
public final class CgroupfsDriver {
  private final CgroupFiles files;
  private @Nullable CgroupHost host;

  public CgroupfsDriver(Linux linux) {
    this.files = new CgroupFiles(linux);
  }

  /** For who has asked the host already. */
  public CgroupfsDriver(Linux linux, CgroupHost host) {
    this.files = new CgroupFiles(linux);
    this.host = host;
  }

  /** Asked for late: commands on an existing container know their paths without it. */
  private CgroupHost host() {
    CgroupHost known = host;
    if (known == null) {
      known = CgroupHost.detect(files.linux());
      host = known;
    }
    return known;
  }

  /** Where the groups of a container will be; nothing is made yet. */
  public CgroupPaths locate(@Nullable String cgroupsPath, String containerId) {
    return CgroupPaths.of(host(), cgroupsPath, containerId);
  }

  /** Groups that exist already, from a container's state. */
  public Cgroup existing(CgroupPaths paths) {
    return new Cgroup(files, paths, List.of());
  }

  /** The group of the unified hierarchy that a process is in now; null if there is none. */
  public @Nullable Cgroup unifiedGroupOf(int pid) {
    Hierarchy unified = host().hierarchy(CgroupHost.UNIFIED);
    String group =
        unified == null
            ? null
            : HostTexts.ownPath(files.readWhole("/proc/" + pid + "/cgroup"), CgroupHost.UNIFIED);
    return unified == null || group == null
        ? null
        : existing(new CgroupPaths(Map.of(CgroupHost.UNIFIED, unified.directory(group))));
  }

  /** Makes the groups; what was made is gone again if this fails. */
  public Cgroup create(CgroupPaths paths) {
    List<String> made = new ArrayList<>();
    try {
      boolean allNew = true;
      for (String directory : paths.directories()) {
        allNew &= make(directory, made);
      }
      if (!allNew) {
        refuseInUse(paths);
      }
      return ready(paths, made);
    } catch (RuntimeException failed) {
      unmake(files, made);
      throw failed;
    }
  }

  /** Makes those groups that somebody else, who has made the others, has left out. */
  public Cgroup complete(CgroupPaths paths) {
    List<String> made = new ArrayList<>();
    try {
      for (String directory : paths.directories()) {
        make(directory, made);
      }
      return ready(paths, made);
    } catch (RuntimeException failed) {
      unmake(files, made);
      throw failed;
    }
  }

  private Cgroup ready(CgroupPaths paths, List<String> made) {
    if (paths.layout() == CgroupLayout.V2) {
      delegateControllers(paths.directories().getFirst());
    } else {
      fillCpuset(paths.directory("cpuset"), made);
    }
    return new Cgroup(files, paths, made);
  }

  /**
   * Removes what was made, the deepest first. A process that was killed leaves its group a little
   * later; but a group above may have got another user since, and is his then.
   */
  static void unmake(CgroupFiles files, List<String> made) {
    for (int i = made.size() - 1; i >= 0; i--) {
      CgroupRemoval.removeEmptyRaw(files, made.get(i));
    }
  }

  /** Whether the group itself is new. One call in the usual case: the parent is there. */
  private boolean make(String directory, List<String> made) {
    long result = files.mkdirRaw(directory);
    if (result == -Errno.ENOENT) {
      for (int slash = directory.indexOf('/', 1); slash > 0; ) {
        String ancestor = directory.substring(0, slash);
        long above = files.mkdirRaw(ancestor);
        if (above == 0) {
          made.add(ancestor);
        } else if (above != -Errno.EEXIST) {
          throw cannotMake(ancestor, above);
        }
        slash = directory.indexOf('/', slash + 1);
      }
      result = files.mkdirRaw(directory);
    }
    if (result == -Errno.EEXIST) {
      return false;
    }
    if (result < 0) {
      throw cannotMake(directory, result);
    }
    made.add(directory);
    return true;
  }

  private static Failure cannotMake(String directory, long result) {
    int errno = (int) -result;
    String hint =
        errno == Errno.EACCES || errno == Errno.EPERM || errno == Errno.EROFS
            ? "run as root, or have the group delegated to this user"
            : "";
    return Failure.of(
            Failure.Code.SYSTEM,
            "unable to create cgroup \"" + directory + "\": " + Errno.message(errno))
        .phase("cgroup")
        .pointer("/linux/cgroupsPath")
        .path(directory)
        .errno(errno)
        .hint(hint)
        .build();
  }

  /** Two containers in one group would share limits, freeze and kill each other. */
  private void refuseInUse(CgroupPaths paths) {
    CgroupProcesses processes = new CgroupProcesses(files, paths);
    int count = processes.pids().size();
    String problem = null;
    if (count > 0) {
      problem = "container's cgroup is not empty: " + count + " process(es) found";
    } else if (processes.frozen()) {
      problem = "container's cgroup unexpectedly frozen";
    }
    if (problem != null) {
      throw Failure.of(Failure.Code.ALREADY_EXISTS, problem)
          .phase("cgroup")
          .pointer("/linux/cgroupsPath")
          .path(paths.directories().getFirst())
          .hint("give the container a cgroupsPath of its own")
          .build();
    }
  }

  /**
   * v1: a new cpuset is empty, and nothing can enter it. It takes its parent's processors and
   * memory nodes, from the highest new group down.
   */
  private void fillCpuset(@Nullable String cpuset, List<String> made) {
    if (cpuset == null) {
      return;
    }
    for (String directory : made) {
      if (cpuset.equals(directory) || cpuset.startsWith(directory + "/")) {
        inherit(directory, "cpuset.cpus");
        inherit(directory, "cpuset.mems");
      }
    }
  }

  /**
   * Who made the group above may have left it empty, a pod's for example: then it is filled too.
   */
  private void inherit(String directory, String file) {
    String above = CgroupPaths.parent(directory);
    String value = files.readOrNull(above + "/" + file);
    if (value != null && value.isEmpty()) {
      inherit(above, file);
      value = files.readOrNull(above + "/" + file);
    }
    if (value == null || value.isEmpty()) {
      return;
    }
    long result = files.writeRaw(directory + "/" + file, value);
    if (result < 0) {
      throw Cgroup.cannotWrite(directory + "/" + file, value, result, "", "");
    }
  }

  /**
   * v2: a controller is there only if every group above hands it down. A refusal is not an error
   * here: the limit that needs the controller will name it.
   */
  private void delegateControllers(String directory) {
    Hierarchy unified = host().hierarchy(CgroupHost.UNIFIED);
    String mount = unified == null ? CgroupPaths.parent(directory) : unified.mountPoint();
    String controllers = files.readOrNull(mount + "/cgroup.controllers");
    if (controllers == null || controllers.isEmpty()) {
      return;
    }
    String all = "+" + controllers.replace(" ", " +");
    for (int end = mount.length(); end > 0 && end < directory.length(); ) {
      String group = directory.substring(0, end);
      String handedDown = files.readOrNull(group + "/cgroup.subtree_control");
      if (!controllers.equals(handedDown)
          && files.writeRaw(group + "/cgroup.subtree_control", all) < 0) {
        oneByOne(group + "/cgroup.subtree_control", all);
      }
      end = directory.indexOf('/', end + 1);
    }
  }

  /** A list is refused as a whole when the kernel refuses one of it. */
  private void oneByOne(String file, String all) {
    for (int start = 0; start < all.length(); ) {
      int space = all.indexOf(' ', start);
      int end = space < 0 ? all.length() : space;
      files.writeRaw(file, all.substring(start, end));
      start = end + 1;
    }
  }
}
