package dev.jrunc.runtime.cgroup;

import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import dev.jrunc.runtime.error.Failure;
import java.util.List;

/** Removes groups with the groups below them. */
final class CgroupRemoval {
  /** The kernel's default for cgroup.max.depth is no bound; nobody nests like this. */
  private static final int DEEPEST = 64;

  /** A killed process leaves its group a little after it is gone: 1+2+4...+512 ms, as runc. */
  private static final int TRIES = 10;

  private final CgroupFiles files;

  CgroupRemoval(CgroupFiles files) {
    this.files = files;
  }

  void remove(List<String> directories) {
    Failure first = null;
    for (String directory : directories) {
      try {
        remove(directory, 0);
      } catch (SyscallFailed failed) {
        // The others are still removed: as little as can be stays behind.
        if (first == null) {
          first = Failure.system("unable to remove cgroup \"" + failed.subject() + "\"", failed);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }

  private void remove(String directory, int depth) {
    long result = files.rmdirRaw(directory);
    if (result == 0 || result == -Errno.ENOENT) {
      return;
    }
    int below = files.groupsBelow(directory);
    if (below < 0) {
      // On a read-only mount rmdir(2) of what is not there says EROFS.
      return;
    }
    if (below > 0 && depth < DEEPEST) {
      for (String name : files.list(directory)) {
        String group = directory + "/" + name;
        if (files.groupsBelow(group) >= 0) {
          remove(group, depth + 1);
        }
      }
    }
    int wait = 1;
    for (int tries = 0; (result = files.rmdirRaw(directory)) == -Errno.EBUSY; tries++) {
      if (tries == TRIES) {
        break;
      }
      files.pause(wait);
      wait *= 2;
    }
    if (result != 0 && result != -Errno.ENOENT) {
      throw new SyscallFailed(SystemCall.UNLINKAT, directory, (int) -result);
    }
  }
}
