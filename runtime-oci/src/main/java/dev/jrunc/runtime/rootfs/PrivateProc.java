package dev.jrunc.runtime.rootfs;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileSystemStatus;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;

/**
 * A procfs of our own that is attached nowhere: whatever lies at the container's /proc cannot turn
 * what is written to it elsewhere (CVE-2025-52881).
 */
public final class PrivateProc {
  private PrivateProc() {}

  /** Its root. */
  public static Descriptor open(Linux linux) {
    try (Descriptor context = linux.mounts().openFileSystem("proc")) {
      long created = linux.mounts().createRaw(context);
      if (created >= 0) {
        return linux.mounts().mountFileSystem(context, 0);
      }
    }
    // A user namespace that sees no whole /proc may not mount one; then the container's own, if it
    // is a procfs. Whoever opens below it must refuse to cross mounts.
    Descriptor proc = linux.files().open(linux.currentDirectory(), "/proc", OpenFlags.PATH, 0);
    if (linux.files().fileSystem(proc).type() != FileSystemStatus.PROC_MAGIC) {
      proc.close();
      throw new SyscallFailed(SystemCall.FSTATFS, "/proc is not a procfs", Errno.EXDEV);
    }
    return proc;
  }
}
