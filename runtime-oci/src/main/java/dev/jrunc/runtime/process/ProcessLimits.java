package dev.jrunc.runtime.process;

import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.Rlimit;
import dev.jrunc.spec.RlimitType;
import java.util.List;

/** Sets resource limits of another process, see prlimit(2). */
public final class ProcessLimits {
  private final Linux linux;

  public ProcessLimits(Linux linux) {
    this.linux = linux;
  }

  public void set(int pid, List<Rlimit> limits) {
    for (int i = 0; i < limits.size(); i++) {
      Rlimit limit = limits.get(i);
      long result =
          linux
              .processes()
              .setLimitRaw(pid, RlimitType.number(limit.type()), limit.soft(), limit.hard());
      if (result < 0) {
        int errno = (int) -result;
        throw Failure.of(
                Failure.Code.SYSTEM,
                "error setting rlimit " + limit.type() + ": " + Errno.message(errno))
            .phase("set limits")
            .pointer("/process/rlimits/" + i)
            .errno(errno)
            .hint(
                errno == Errno.EPERM
                    ? "a hard limit above the caller's needs CAP_SYS_RESOURCE"
                    : "")
            .build();
      }
    }
  }
}
