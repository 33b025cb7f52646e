package dev.jrunc.runtime.cgroup;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.Utf8;
import dev.jrunc.runtime.error.Failure;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the kernel to run out of a container's memory. On v1 an eventfd(2) is told by
 * memory.oom_control; on v2 the files memory.events and cgroup.events can be polled.
 */
public final class OomWatch implements AutoCloseable {
  /** What ended the waiting. */
  public enum Event {
    /** The time ran out. */
    NONE,
    OOM,
    /** The container has ended (v2) or its groups are gone (v1): nothing more will come. */
    END
  }

  private final CgroupFiles files;
  private final String directory;
  private final boolean unified;
  private final List<Descriptor> watched;
  private long kills;

  private OomWatch(CgroupFiles files, String directory, boolean unified, List<Descriptor> watched) {
    this.files = files;
    this.directory = directory;
    this.unified = unified;
    this.watched = watched;
  }

  static OomWatch open(CgroupFiles files, CgroupPaths paths) {
    String directory = paths.directory("memory");
    if (directory == null) {
      throw Failure.of(Failure.Code.UNSUPPORTED, "memory controller missing").build();
    }
    boolean unified = paths.layout() == CgroupLayout.V2;
    try {
      List<Descriptor> watched =
          unified ? openUnified(files.linux(), directory) : register(files.linux(), directory);
      OomWatch watch = new OomWatch(files, directory, unified, watched);
      watch.takeUnified();
      return watch;
    } catch (SyscallFailed e) {
      throw Failure.system("cannot watch " + directory + " for want of memory", e);
    }
  }

  private static List<Descriptor> openUnified(Linux linux, String directory) {
    return List.of(
        open(linux, directory + "/cgroup.events", OpenFlags.RDONLY),
        open(linux, directory + "/memory.events", OpenFlags.RDONLY));
  }

  // Documentation/admin-guide/cgroup-v1/memory.rst, "OOM Control".
  private static List<Descriptor> register(Linux linux, String directory) {
    Descriptor counter = linux.streams().eventCounter();
    try (Descriptor control = open(linux, directory + "/memory.oom_control", OpenFlags.RDONLY);
        Descriptor registry = open(linux, directory + "/cgroup.event_control", OpenFlags.WRONLY)) {
      linux.streams().write(registry, counter.number() + " " + control.number());
    }
    return List.of(counter);
  }

  private static Descriptor open(Linux linux, String path, int flags) {
    return linux.files().open(linux.currentDirectory(), path, flags, 0);
  }

  /** Waits for at most {@code millis}. */
  public Event await(int millis) {
    List<Descriptor> all = new ArrayList<>(watched);
    int[] wanted = new int[all.size()];
    int priority = 2;
    java.util.Arrays.fill(wanted, unified ? priority : ProcessCalls.POLL_IN);
    int[] happened = files.linux().processes().poll(all, wanted, millis);
    boolean any = false;
    for (int one : happened) {
      any |= one != 0;
    }
    if (!files.exists(directory + "/cgroup.procs")) {
      return Event.END;
    }
    if (unified) {
      return takeUnified();
    }
    if (any) {
      files.linux().streams().readRaw(watched.get(0), new byte[8]);
    }
    return any ? Event.OOM : Event.NONE;
  }

  // Reading from the start also arms the next poll. The file changes for other reasons too, so the
  // count of kills decides.
  private Event takeUnified() {
    if (!unified) {
      return Event.NONE;
    }
    String cgroup = read(watched.get(0));
    String memory = read(watched.get(1));
    long before = kills;
    kills = memory == null ? before : OomCount.of(memory);
    if (kills > before) {
      return Event.OOM;
    }
    boolean empty = cgroup == null || cgroup.contains("populated 0");
    return empty ? Event.END : Event.NONE;
  }

  private @Nullable String read(Descriptor file) {
    byte[] content = new byte[1024];
    files.linux().streams().seek(file, 0, 0);
    long length = files.linux().streams().readRaw(file, content);
    return length < 0 ? null : Utf8.decode(content, 0, (int) length);
  }

  @Override
  public void close() {
    for (Descriptor file : watched) {
      file.close();
    }
  }
}
