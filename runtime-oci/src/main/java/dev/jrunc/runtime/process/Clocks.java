package dev.jrunc.runtime.process;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.TimeOffset;
import java.util.Map;

/** The clocks of a new time namespace, see time_namespaces(7). */
final class Clocks {
  private Clocks() {}

  /** Sets those of the namespace that {@code pid} has made and no process is in yet. */
  static void set(Linux linux, int pid, Map<String, TimeOffset> offsets) {
    String path = "/proc/" + pid + "/timens_offsets";
    try (Descriptor file =
        linux.files().open(linux.currentDirectory(), path, OpenFlags.WRONLY, 0)) {
      for (Map.Entry<String, TimeOffset> offset : offsets.entrySet()) {
        String line =
            offset.getKey() + " " + offset.getValue().secs() + " " + offset.getValue().nanosecs();
        long result = linux.streams().writeOnceRaw(file, line);
        if (result < 0) {
          throw failed(offset.getKey(), line, (int) -result);
        }
      }
    } catch (SyscallFailed e) {
      throw Failure.system("error opening the clocks of the time namespace", e);
    }
  }

  private static Failure failed(String clock, String line, int errno) {
    return Failure.of(
            Failure.Code.SYSTEM,
            "error setting time offset \"" + line + "\": " + Errno.message(errno))
        .phase("set clock")
        .pointer("/linux/timeOffsets/" + clock)
        .errno(errno)
        .build();
  }
}
