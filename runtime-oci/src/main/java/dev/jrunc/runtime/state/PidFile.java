package dev.jrunc.runtime.state;

import dev.jrunc.kernel.Descriptor;
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
    int flags = OpenFlags.WRONLY | OpenFlags.CREAT | OpenFlags.TRUNC;
    try {
      try (Descriptor file = linux.files().open(linux.currentDirectory(), temporary, flags, 0644)) {
        linux.streams().write(file, Integer.toString(pid));
      }
      linux.files().rename(linux.currentDirectory(), temporary, linux.currentDirectory(), path);
    } catch (SyscallFailed e) {
      throw Failure.system("cannot write pid file " + path, e);
    }
  }
}
