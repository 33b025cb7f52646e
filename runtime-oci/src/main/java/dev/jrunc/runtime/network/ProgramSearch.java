package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.Utf8;
import dev.jrunc.runtime.state.ProcessIdentity;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the program of a user-mode network whose number is in no record: who started it was killed
 * before it could write that down. It is known by what no other program is told, the folder of its
 * container: pasta by its words, which everybody may read, slirp4netns by its environment.
 */
final class ProgramSearch {
  /** The variable that {@link ProgramStart} gives each program, with the container's folder. */
  static final String MARK = "JRUNC_CONTAINER=";

  private static final int LONGEST = 1 << 20;

  private final Linux linux;

  ProgramSearch(Linux linux) {
    this.linux = linux;
  }

  /** Those of a container that this user may know of. */
  List<ProcessIdentity> of(String folderPath) {
    List<ProcessIdentity> found = new ArrayList<>();
    int flags = OpenFlags.RDONLY | OpenFlags.DIRECTORY;
    try (Descriptor proc = linux.files().open(linux.currentDirectory(), "/proc", flags, 0)) {
      for (String name : linux.files().list(proc)) {
        long pid = Lease.number(name);
        // Before it is looked at: the number may be another's afterwards.
        ProcessIdentity identity = pid < 1 ? null : ProcessIdentity.of(linux, (int) pid);
        boolean belongs =
            identity != null
                && (has(proc, name + "/cmdline", folderPath + "/" + Pasta.PID_FILE)
                    || has(proc, name + "/environ", MARK + folderPath));
        if (identity != null && belongs) {
          found.add(identity);
        }
      }
    }
    return found;
  }

  // Whether one of the texts in a file is this; each ends with a zero.
  private boolean has(Descriptor proc, String path, String wanted) {
    try (Descriptor file = linux.files().open(proc, path, OpenFlags.RDONLY, 0)) {
      String all = "\0" + Utf8.decode(linux.streams().readAll(file, LONGEST)) + "\0";
      return all.contains("\0" + wanted + "\0");
    } catch (SyscallFailed e) {
      return false;
    }
  }
}
