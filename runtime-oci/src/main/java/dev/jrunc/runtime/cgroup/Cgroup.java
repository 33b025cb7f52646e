package dev.jrunc.runtime.cgroup;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.runtime.capability.HostRoot;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.stats.ContainerStats;
import dev.jrunc.runtime.stats.GroupTexts;
import dev.jrunc.runtime.stats.StatsV1;
import dev.jrunc.runtime.stats.StatsV2;
import dev.jrunc.spec.MemoryResources;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The groups of one container, made by a driver or found through its state. */
public final class Cgroup {
  private final CgroupFiles files;
  private final CgroupPaths paths;
  private final List<String> made;

  Cgroup(CgroupFiles files, CgroupPaths paths, List<String> made) {
    this.files = files;
    this.paths = paths;
    this.made = List.copyOf(made);
  }

  public CgroupPaths paths() {
    return paths;
  }

  public CgroupProcesses processes() {
    return new CgroupProcesses(files, paths);
  }

  /** Undoes what creating made, and nothing else; for a container that came to nothing. */
  public void unmake() {
    for (String directory : paths.directories()) {
      if (made.contains(directory)) {
        // What a hook has started there would keep it.
        unmakeOwn(directory);
      }
    }
    CgroupfsDriver.unmake(files, made);
  }

  private void unmakeOwn(String directory) {
    if (files.rmdirRaw(directory) != -Errno.EBUSY) {
      return;
    }
    processes().signalAll(ProcessCalls.SIGKILL);
    try {
      new CgroupRemoval(files).remove(List.of(directory));
    } catch (Failure notRemoved) {
      // Left to the next delete.
      return;
    }
  }

  /** Whether any of the groups is still there. */
  public boolean exists() {
    for (String directory : paths.directories()) {
      if (files.exists(directory)) {
        return true;
      }
    }
    return false;
  }

  /** Removes the groups with all groups below them; the processes must be gone or dying. */
  public void remove() {
    new CgroupRemoval(files).remove(paths.directories());
  }

  /** What the container uses now. */
  public ContainerStats stats() {
    GroupTexts texts = new CgroupTexts(files, paths);
    return paths.layout() == CgroupLayout.V2 ? StatsV2.read(texts) : StatsV1.read(texts);
  }

  /** Begins to watch for want of memory. */
  public OomWatch watchOom() {
    return OomWatch.open(files, paths);
  }

  /** Gives the group to a user of the host; nothing is done on v1, where this would be unsafe. */
  public void delegate(long uid) {
    if (paths.layout() == CgroupLayout.V2) {
      new CgroupDelegation(files).hand(paths.directories().getFirst(), uid);
    }
  }

  /** Opens what a process needs to enter; to be done in the parent, with its rights. */
  public CgroupEntry openEntry() {
    return CgroupEntry.open(files, paths);
  }

  /** Puts another process in, from outside. Slow on v1: see the package. */
  public void add(int pid) {
    for (String directory : paths.directories()) {
      String file = directory + "/cgroup.procs";
      long result = files.writeRaw(file, Integer.toString(pid));
      if (result < 0) {
        throw cannotWrite(file, Integer.toString(pid), result, "", "");
      }
    }
  }

  /** Sets the limits. Nothing need be in the groups yet: then no process is ever without them. */
  public void apply(CgroupLimits limits) {
    try (OpenFile open = new OpenFile()) {
      List<CgroupWrite> writes = limits.writes();
      for (int i = 0; i < writes.size(); i++) {
        CgroupWrite write = writes.get(i);
        long result = open.write(write);
        boolean last = i + 1 == writes.size();
        switch (write.reaction()) {
          case FAIL -> require(write, isRootsAlone(write, result) ? 0 : result);
          case READ_BACK -> {
            require(write, result);
            requireTaken(write);
          }
          case SKIP_IF_MISSING -> require(write, result == -Errno.ENOENT ? 0 : result);
          case NEXT_IF_MISSING -> {
            if (result != -Errno.ENOENT || last) {
              require(write, result);
              i++;
            }
          }
          case AFTER_NEXT_IF_INVALID -> {
            if (result == -Errno.EINVAL && !last) {
              i++;
              require(writes.get(i), open.write(writes.get(i)));
              result = open.write(write);
            }
            require(write, result);
          }
        }
      }
    }
    String unified = paths.byController().get(CgroupHost.UNIFIED);
    if (limits.devices() != null && unified != null) {
      DeviceFilter.attach(files.linux(), unified, DeviceProgram.of(limits.devices()));
    }
  }

  // As for the program on v2: root of a user namespace may limit no devices, and makes none.
  private boolean isRootsAlone(CgroupWrite write, long result) {
    return result == -Errno.EPERM
        && write.controller().equals("devices")
        && !HostRoot.is(files.linux());
  }

  /** Rules for devices go one by one to the same file: it stays open between them. */
  private final class OpenFile implements AutoCloseable {
    private String path = "";
    private @Nullable Descriptor file;

    long write(CgroupWrite write) {
      String directory = paths.directory(write.controller());
      if (directory == null && paths.byController().isEmpty()) {
        throw Delegation.refusal(write, "");
      }
      if (directory == null) {
        throw CgroupLimits.unsupported(
            "cannot set \""
                + write.file()
                + "\": cgroup controller \""
                + write.controller()
                + "\" is not mounted",
            write.pointer(),
            "mount the controller, or leave the field out");
      }
      String wanted = directory + "/" + write.file();
      Descriptor target = file;
      if (target == null || !wanted.equals(path)) {
        close();
        long opened =
            files
                .linux()
                .files()
                .openRaw(files.linux().currentDirectory(), wanted, OpenFlags.WRONLY, 0);
        if (opened < 0) {
          return opened;
        }
        target = new Descriptor(files.linux().gate(), (int) opened);
        file = target;
        path = wanted;
      }
      return files.linux().streams().writeOnceRaw(target, write.value());
    }

    @Override
    public void close() {
      if (file != null) {
        file.close();
        file = null;
      }
    }
  }

  // cpu.shares is the only one: the kernel brings it into its range and reports success.
  private void requireTaken(CgroupWrite write) {
    String file = paths.directory(write.controller()) + "/" + write.file();
    String taken = files.readOrNull(file);
    if (taken == null || taken.equals(write.value())) {
      return;
    }
    boolean tooMany = Long.parseLong(taken) < Long.parseLong(write.value());
    throw Failure.of(
            Failure.Code.SYSTEM,
            (tooMany ? "the maximum allowed cpu-shares is " : "the minimum allowed cpu-shares is ")
                + taken)
        .phase("cgroup")
        .pointer(write.pointer())
        .path(file)
        .build();
  }

  /** On v2, where the kernel would end processes until a lower limit is kept: refuses such ones. */
  public void requireMoreThanInUse(MemoryResources memory) {
    String directory = paths.directory("memory");
    String used =
        directory == null || paths.layout() != CgroupLayout.V2
            ? null
            : files.readOrNull(directory + "/memory.current");
    if (used == null) {
      return;
    }
    requireMore("memory+swap limit ", CgroupLimits.number(memory.swap()), used, "/memory/swap");
    requireMore("memory limit ", CgroupLimits.number(memory.limit()), used, "/memory/limit");
  }

  private static void requireMore(String what, long limit, String used, String pointer) {
    if (limit > 0 && limit <= Long.parseLong(used)) {
      throw Failure.of(Failure.Code.SYSTEM, "rejecting " + what + limit + " <= usage " + used)
          .phase("cgroup")
          .pointer(CgroupLimits.POINTER + pointer)
          .hint("give more memory than is in use")
          .build();
    }
  }

  private void require(CgroupWrite write, long result) {
    if (result >= 0) {
      return;
    }
    String path = paths.directory(write.controller()) + "/" + write.file();
    String hint =
        switch ((int) -result) {
          case Errno.ENOENT ->
              paths.layout() == CgroupLayout.V2
                  ? "the controller \""
                      + write.controller()
                      + "\" is not handed down to this group,"
                      + " or the kernel has no such limit"
                  : "this kernel has no such limit";
          case Errno.EINVAL, Errno.ERANGE -> "the kernel does not accept this value here";
          case Errno.EACCES, Errno.EPERM -> "the group above does not allow it";
          case Errno.ENODEV -> "there is no such device";
          default -> "";
        };
    boolean memory = write.controller().equals("memory") && result == -Errno.EBUSY;
    throw memory
        ? tooLow(write, path)
        : cannotWrite(path, write.value(), result, write.pointer(), hint);
  }

  private Failure tooLow(CgroupWrite write, String path) {
    String directory = paths.directory("memory") + "/";
    String usage = files.readOrNull(directory + "memory.usage_in_bytes");
    String peak = files.readOrNull(directory + "memory.max_usage_in_bytes");
    return Failure.of(
            Failure.Code.SYSTEM,
            "unable to set memory limit to "
                + write.value()
                + " (current usage: "
                + usage
                + ", peak usage: "
                + peak
                + ")")
        .phase("cgroup")
        .pointer(write.pointer())
        .path(path)
        .errno(Errno.EBUSY)
        .hint("give more memory than is in use")
        .build();
  }

  static Failure cannotWrite(String path, String value, long result, String pointer, String hint) {
    int errno = (int) -result;
    return Failure.of(
            Failure.Code.SYSTEM,
            "failed to write \"" + value + "\" to \"" + path + "\": " + Errno.message(errno))
        .phase("cgroup")
        .pointer(pointer)
        .path(path)
        .errno(errno)
        .hint(hint)
        .build();
  }
}
