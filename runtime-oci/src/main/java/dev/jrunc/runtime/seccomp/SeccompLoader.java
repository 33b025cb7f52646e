package dev.jrunc.runtime.seccomp;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.error.Failure;
import org.jspecify.annotations.Nullable;

/**
 * Puts a filter on this process and on all it starts; it can never be taken off. What comes after
 * must be possible under the filter.
 */
public final class SeccompLoader {
  private SeccompLoader() {}

  /**
   * Loads {@code program}: without no_new_privs this needs CAP_SYS_ADMIN, which is kept for it;
   * with it, as late as can be.
   *
   * @return the listener, if the program notifies
   */
  public static @Nullable Descriptor load(Linux linux, SeccompProgram program) {
    long result = linux.processes().loadFilterRaw(program.instructions(), program.flags());
    if (result < 0) {
      int errno = (int) -result;
      String hint =
          switch (errno) {
            case Errno.EACCES -> "set process.noNewPrivileges, or keep CAP_SYS_ADMIN";
            case Errno.EINVAL -> "this kernel does not know one of the flags or actions";
            case Errno.EBUSY -> "another filter of this process has a listener already";
            default -> "";
          };
      throw Failure.of(Failure.Code.SYSTEM, "error loading seccomp filter: " + Errno.message(errno))
          .phase("seccomp")
          .pointer("/linux/seccomp")
          .errno(errno)
          .hint(hint)
          .build();
    }
    return program.notifies() ? new Descriptor(linux.gate(), (int) result) : null;
  }
}
