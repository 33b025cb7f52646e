package dev.jrunc.runtime.rootfs;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.plan.RootfsStep;
import org.jspecify.annotations.Nullable;

/**
 * Writes sysctls through a procfs of our own that is attached nowhere: whatever lies at the
 * container's /proc cannot turn the write elsewhere (CVE-2025-52881).
 */
public final class SysctlWriter {
  private static final int BENEATH =
      OpenFlags.RESOLVE_BENEATH | OpenFlags.RESOLVE_NO_XDEV | OpenFlags.RESOLVE_NO_SYMLINKS;

  private final Linux linux;
  private @Nullable Descriptor folder;

  SysctlWriter(Linux linux) {
    this.linux = linux;
  }

  void write(RootfsStep.WriteSysctl step) {
    String path = fileName(step.name());
    // Beneath /proc/sys, so that a name such as net/../../sysrq-trigger does not leave it.
    try (Descriptor file = linux.files().open2(folder(), path, OpenFlags.WRONLY, 0, BENEATH)) {
      long result = linux.streams().writeOnceRaw(file, step.value());
      if (result < 0) {
        throw failed(step, (int) -result);
      }
    } catch (SyscallFailed e) {
      throw failed(step, e.errno());
    }
  }

  /**
   * The file below /proc/sys. The first separator of a name decides whether dots or slashes divide
   * it, see sysctl(8).
   */
  public static String fileName(String name) {
    int dot = name.indexOf('.');
    int slash = name.indexOf('/');
    boolean slashes = slash >= 0 && (dot < 0 || slash < dot);
    if (slashes) {
      return name;
    }
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      path.append(c == '.' ? '/' : c == '/' ? '.' : c);
    }
    return path.toString();
  }

  private Descriptor folder() {
    if (folder == null) {
      try (Descriptor proc = PrivateProc.open(linux)) {
        folder = linux.files().open2(proc, "sys", OpenFlags.PATH, 0, BENEATH);
      }
    }
    return folder;
  }

  private static Failure failed(RootfsStep.WriteSysctl step, int errno) {
    return Failure.of(
            Failure.Code.SYSTEM,
            "error writing sysctl \""
                + step.name()
                + "\" = \""
                + step.value()
                + "\": "
                + Errno.message(errno))
        .phase("sysctl")
        .pointer(step.pointer())
        .path("/proc/sys/" + fileName(step.name()))
        .errno(errno)
        .hint(errno == Errno.ENOENT ? "this kernel has no such sysctl" : "")
        .build();
  }
}
