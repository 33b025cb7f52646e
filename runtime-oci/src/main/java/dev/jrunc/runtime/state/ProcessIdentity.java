package dev.jrunc.runtime.state;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A process that cannot be mistaken for another: numbers are used again, so the time it started
 * belongs to it.
 *
 * @param startTime in clock ticks since boot, field 22 of /proc/PID/stat
 */
public record ProcessIdentity(int pid, long startTime) {

  /** The identity of a process that exists now; null if there is none or it has ended. */
  public static @Nullable ProcessIdentity of(Linux linux, int pid) {
    String stat = stat(linux, pid);
    return stat == null ? null : parse(pid, stat);
  }

  /** Whether this very process is still there and is no zombie. */
  public boolean alive(Linux linux) {
    return equals(of(linux, pid));
  }

  /** A handle on this very process; null if it has ended. */
  public @Nullable Descriptor open(Linux linux) {
    Descriptor pidfd = linux.processes().openPidOrNull(pid);
    // After the handle is open the number cannot change hands any more.
    if (pidfd != null && !alive(linux)) {
      pidfd.close();
      return null;
    }
    return pidfd;
  }

  private static @Nullable String stat(Linux linux, int pid) {
    try (Descriptor file =
        linux
            .files()
            .open(linux.currentDirectory(), "/proc/" + pid + "/stat", OpenFlags.RDONLY, 0)) {
      byte[] content = new byte[1024];
      int length = linux.streams().read(file, content);
      return new String(content, 0, length, StandardCharsets.ISO_8859_1);
    } catch (SyscallFailed e) {
      return null;
    }
  }

  // proc(5): "pid (name) state ppid ..."; the name may hold spaces and parentheses, so the last
  // parenthesis ends it. The state is field 3, the start time field 22.
  static @Nullable ProcessIdentity parse(int pid, String stat) {
    int name = stat.lastIndexOf(')');
    if (name < 0 || name + 2 >= stat.length()) {
      return null;
    }
    char state = stat.charAt(name + 2);
    if (state == 'Z' || state == 'X') {
      return null;
    }
    int from = name + 2;
    for (int field = 3; field < 22; field++) {
      from = stat.indexOf(' ', from) + 1;
      if (from == 0) {
        return null;
      }
    }
    int end = stat.indexOf(' ', from);
    return end < 0 ? null : new ProcessIdentity(pid, Long.parseLong(stat.substring(from, end)));
  }
}
