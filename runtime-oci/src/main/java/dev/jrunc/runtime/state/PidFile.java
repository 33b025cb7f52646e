package dev.jrunc.runtime.state;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.error.Failure;

/** The file that engines read a pid from: a decimal number and no newline. */
public final class PidFile {
  private PidFile() {}

  /** Written under another name and renamed: who waits for the file finds a whole number in it. */
  public static void write(Linux linux, String path, int pid) {
    int slash = path.lastIndexOf('/');
    String temporary = path.substring(0, slash + 1) + "." + path.substring(slash + 1);
    // Never what somebody has put there: a link would lead to any file of the host.
    int flags = OpenFlags.WRONLY | OpenFlags.CREAT | OpenFlags.EXCL | OpenFlags.NOFOLLOW;
    try (Descriptor file = linux.files().open(linux.currentDirectory(), temporary, flags, 0644)) {
      writeAndRename(linux, file, pid, temporary, path);
    } catch (SyscallFailed e) {
      boolean inTheWay = e.errno() == Errno.EEXIST;
      throw Failure.of(
              Failure.Code.SYSTEM,
              "cannot write pid file " + path + ": " + Errno.message(e.errno()))
          .path(e.subject())
          .errno(e.errno())
          .hint(inTheWay ? temporary + " is in the way: remove it" : "")
          .because(e);
    }
  }

  private static void writeAndRename(
      Linux linux, Descriptor file, int pid, String temporary, String path) {
    try {
      linux.streams().write(file, Integer.toString(pid));
      linux.files().rename(linux.currentDirectory(), temporary, linux.currentDirectory(), path);
    } catch (SyscallFailed e) {
      remove(linux, temporary);
      throw e;
    }
  }

  /** Takes it away again, where what it names has failed. */
  public static void remove(Linux linux, String path) {
    linux.files().unlinkRaw(linux.currentDirectory(), path, 0);
  }
}
