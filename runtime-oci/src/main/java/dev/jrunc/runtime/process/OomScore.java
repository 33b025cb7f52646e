package dev.jrunc.runtime.process;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.runtime.error.Failure;
import java.nio.charset.StandardCharsets;

/**
 * Sets how likely the OOM killer chooses a process, see proc(5). Children inherit it. Written
 * before the user namespace is entered: lowering it needs CAP_SYS_RESOURCE on the host.
 */
public final class OomScore {
  private OomScore() {}

  /** Sets it for {@code pid}, or for this process if that is 0. */
  public static void set(Linux linux, int pid, int score) {
    String path = pid == 0 ? "/proc/self/oom_score_adj" : "/proc/" + pid + "/oom_score_adj";
    long result = linux.files().openRaw(linux.currentDirectory(), path, OpenFlags.RDWR, 0);
    if (result >= 0) {
      try (Descriptor file = new Descriptor(linux.gate(), (int) result)) {
        result = linux.streams().writeOnceRaw(file, Integer.toString(score));
        if (result < 0 && isAlready(linux, file, score)) {
          result = 0;
        }
      }
    }
    if (result < 0) {
      int errno = (int) -result;
      boolean denied = errno == Errno.EACCES || errno == Errno.EPERM;
      throw Failure.of(
              Failure.Code.SYSTEM,
              "unable to set oomScoreAdj to " + score + ": " + Errno.message(errno))
          .phase("oom score")
          .pointer("/process/oomScoreAdj")
          .path(path)
          .errno(errno)
          .hint(denied ? "CAP_SYS_RESOURCE is needed to go below the caller's own score" : "")
          .build();
    }
  }

  private static boolean isAlready(Linux linux, Descriptor file, int score) {
    byte[] content = new byte[16];
    long length = linux.streams().readRaw(file, content);
    if (length <= 0) {
      return false;
    }
    String now = new String(content, 0, (int) length, StandardCharsets.US_ASCII).trim();
    return now.equals(Integer.toString(score));
  }
}
