package dev.jrunc.runtime.cgroup;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.error.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The way into a container's groups, opened by the parent and used by the child, which may by then
 * see neither the files nor have the right to them. The child must be single-threaded.
 */
public final class CgroupEntry implements AutoCloseable {
  private final CgroupFiles files;
  private final @Nullable Descriptor unified;
  private final @Nullable Descriptor memory;
  private final List<Gate> others;

  private record Gate(String path, Descriptor file) {}

  private CgroupEntry(
      CgroupFiles files,
      @Nullable Descriptor unified,
      @Nullable Descriptor memory,
      List<Gate> others) {
    this.files = files;
    this.unified = unified;
    this.memory = memory;
    this.others = others;
  }

  /** For a process that somebody else moves in. */
  public static CgroupEntry none(Linux linux) {
    return new CgroupEntry(new CgroupFiles(linux), null, null, List.of());
  }

  static CgroupEntry open(CgroupFiles files, CgroupPaths paths) {
    Descriptor unified = null;
    Descriptor memory = null;
    List<Gate> others = new ArrayList<>();
    List<String> opened = new ArrayList<>();
    String memoryDirectory = paths.byController().get("memory");
    try {
      for (Map.Entry<String, String> entry : paths.byController().entrySet()) {
        String directory = entry.getValue();
        if (opened.contains(directory)) {
          continue;
        }
        opened.add(directory);
        if (entry.getKey().equals(CgroupHost.UNIFIED)) {
          unified = openFile(files, directory, OpenFlags.PATH | OpenFlags.DIRECTORY);
        } else if (directory.equals(memoryDirectory)) {
          memory = openFile(files, directory + "/tasks", OpenFlags.WRONLY);
        } else {
          String tasks = directory + "/tasks";
          others.add(new Gate(tasks, openFile(files, tasks, OpenFlags.WRONLY)));
        }
      }
      return new CgroupEntry(files, unified, memory, others);
    } catch (SyscallFailed failed) {
      new CgroupEntry(files, unified, memory, others).close();
      // What runc names, and what people know: the group is missing, not one file of it.
      String named = failed.errno() == Errno.ENOENT ? procs(failed.subject()) : failed.subject();
      throw Failure.system("unable to open cgroup " + named, failed);
    }
  }

  private static String procs(String path) {
    boolean file = path.endsWith("/tasks");
    return (file ? path.substring(0, path.length() - 6) : path) + "/cgroup.procs";
  }

  private static Descriptor openFile(CgroupFiles files, String path, int flags) {
    return files.linux().files().open(files.linux().currentDirectory(), path, flags, 0);
  }

  /** The group on the unified hierarchy, for clone3(2) to be born in; null where there is none. */
  public @Nullable Descriptor unified() {
    return unified;
  }

  /** In the child, first thing: from here on its time, its processes and its devices count. */
  public void enterAllButMemory() {
    for (Gate gate : others) {
      enter(gate.file, gate.path);
      gate.file.close();
    }
  }

  /**
   * In the child, as late as can be: what this runtime itself needs to set the container up is then
   * charged to the caller and not to the container's limit.
   */
  public void enterMemory() {
    if (memory != null) {
      enter(memory, "memory");
      memory.close();
    }
  }

  private void enter(Descriptor file, String path) {
    // 0 is the writing thread itself, whatever pid namespace it is in.
    long result = files.linux().streams().writeOnceRaw(file, "0");
    if (result < 0) {
      String hint =
          result == -Errno.ENOSPC ? "cpuset.cpus or cpuset.mems of the group is empty" : "";
      throw Cgroup.cannotWrite(path, "0", result, "/linux/cgroupsPath", hint);
    }
  }

  @Override
  public void close() {
    if (unified != null) {
      unified.close();
    }
    if (memory != null) {
      memory.close();
    }
    for (Gate gate : others) {
      gate.file.close();
    }
  }
}
