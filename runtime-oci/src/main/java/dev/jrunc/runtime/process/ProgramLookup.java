package dev.jrunc.runtime.process;

import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.Separated;
import java.util.List;

/**
 * Finds the program to execute as a shell would, in the PATH of the container's environment. The
 * wording of its failures is that of Go's os/exec, which engines turn into exit codes 126 and 127.
 */
public final class ProgramLookup {
  private static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final Linux linux;

  public ProgramLookup(Linux linux) {
    this.linux = linux;
  }

  /** The path to hand to execve(2). */
  public String find(String name, List<String> environment) {
    if (name.indexOf('/') >= 0) {
      int errno = executable(name);
      if (errno != 0) {
        throw refused(name, errno);
      }
      return name;
    }
    int refusal = 0;
    for (String folder : Separated.by(':', path(environment))) {
      String candidate = (folder.isEmpty() ? "." : folder) + "/" + name;
      int errno = executable(candidate);
      if (errno == 0) {
        return candidate;
      }
      refusal = errno == Errno.EACCES ? errno : refusal;
    }
    if (refusal != 0) {
      throw refused(name, refusal);
    }
    throw Failure.of(
            Failure.Code.PROGRAM_NOT_FOUND,
            "exec: \"" + name + "\": executable file not found in $PATH")
        .phase("find program")
        .pointer("/process/args/0")
        .path(name)
        .errno(Errno.ENOENT)
        .hint("searched " + path(environment))
        .build();
  }

  /** 0 where {@code path} is a file that we may execute, else the reason. */
  private int executable(String path) {
    FileStatus status;
    try {
      status = linux.files().statusOrNull(linux.currentDirectory(), path, 0);
    } catch (dev.jrunc.kernel.SyscallFailed e) {
      return e.errno();
    }
    if (status == null) {
      return Errno.ENOENT;
    }
    if (status.is(FileMode.DIRECTORY)) {
      return Errno.EACCES;
    }
    int executeAllowed = 1;
    return (int) -linux.files().accessRaw(linux.currentDirectory(), path, executeAllowed);
  }

  private static Failure refused(String name, int errno) {
    String reason =
        errno == Errno.ENOENT ? "stat " + name + ": " + Errno.message(errno) : Errno.message(errno);
    Failure.Code code =
        errno == Errno.ENOENT
            ? Failure.Code.PROGRAM_NOT_FOUND
            : Failure.Code.PROGRAM_NOT_EXECUTABLE;
    return Failure.of(code, "exec: \"" + name + "\": " + reason)
        .phase("find program")
        .pointer("/process/args/0")
        .path(name)
        .errno(errno)
        .build();
  }

  private static String path(List<String> environment) {
    for (String variable : environment) {
      if (variable.startsWith("PATH=")) {
        return variable.substring(5);
      }
    }
    return DEFAULT_PATH;
  }
}
