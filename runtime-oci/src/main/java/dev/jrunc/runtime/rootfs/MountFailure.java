package dev.jrunc.runtime.rootfs;

import dev.jrunc.kernel.Errno;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.plan.RootfsStep;

/** Says what could not be mounted where, in the words that engines look for. */
public final class MountFailure {
  private MountFailure() {}

  /**
   * A mount that failed.
   *
   * @param detail what comes before the words of {@code errno}, empty for nothing
   */
  public static Failure of(RootfsStep step, int errno, String detail) {
    String source =
        switch (step) {
          case RootfsStep.MountFileSystem s -> s.source().isEmpty() ? s.type() : s.source();
          case RootfsStep.BindMount s -> s.source();
          default -> "cgroup";
        };
    String destination =
        switch (step) {
          case RootfsStep.MountFileSystem s -> s.destination();
          case RootfsStep.BindMount s -> s.destination();
          case RootfsStep.MountCgroup s -> s.destination();
          default -> "";
        };
    return Failure.of(
            Failure.Code.SYSTEM,
            "error during container init: error mounting \""
                + source
                + "\" to rootfs at \""
                + destination
                + "\": "
                + (detail.isEmpty() ? "" : detail + ": ")
                + Errno.message(errno))
        .phase("mount")
        .pointer(step.pointer())
        .path(destination)
        .errno(errno)
        .hint(hint(step, errno, detail.startsWith("stat ")))
        .build();
  }

  private static String hint(RootfsStep step, int errno, boolean source) {
    boolean bind = step instanceof RootfsStep.BindMount;
    return switch (errno) {
      case Errno.ENOENT -> source ? "make the source, or take the mount out" : "";
      case Errno.ENOTDIR -> bind ? "a directory goes onto a directory, a file onto a file" : "";
      case Errno.ENODEV ->
          step instanceof RootfsStep.MountFileSystem s
              ? "this kernel has no file system \"" + s.type() + "\""
              : "";
      case Errno.EPERM ->
          bind
              ? "a user namespace cannot take away what the host's mount is restricted to"
              : "a user namespace may only mount what it sees unmasked on the host";
      case Errno.EROFS -> "the rootfs is read-only and lacks the target; make it beforehand";
      default -> "";
    };
  }
}
