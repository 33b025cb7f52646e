package dev.jrunc.runtime.cgroup;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import dev.jrunc.runtime.error.Failure;
import java.util.List;

/** Removes groups with the groups below them. */
final class CgroupRemoval {
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
        removeWhole(directory);
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

  private void removeWhole(String directory) {
    long result = files.rmdirRaw(directory);
    if (result == 0 || result == -Errno.ENOENT) {
      return;
    }
    if (files.groupsBelow(directory) < 0) {
      // On a read-only mount rmdir(2) of what is not there says EROFS.
      return;
    }
    GroupWalk.over(
        files,
        directory,
        new GroupWalk.Visitor() {
          @Override
          public void leave(Descriptor above, String name) {
            removeEmpty(above, name);
          }
        });
    removeEmpty(files.anywhere(), directory);
  }

  private void removeEmpty(Descriptor above, String name) {
    long result = removeEmptyRaw(files, above, name);
    if (result != 0 && result != -Errno.ENOENT) {
      throw new SyscallFailed(SystemCall.UNLINKAT, name, (int) -result);
    }
  }

  /**
   * Removes one group, and waits for that where processes keep it busy: with groups below it, it
   * would stay so. A negated errno or 0.
   */
  static long removeEmptyRaw(CgroupFiles files, String directory) {
    return removeEmptyRaw(files, files.anywhere(), directory);
  }

  private static long removeEmptyRaw(CgroupFiles files, Descriptor above, String name) {
    long result = files.rmdirRaw(above, name);
    int wait = 1;
    for (int tries = 0; tries < TRIES && result == -Errno.EBUSY; tries++) {
      if (files.groupsBelow(above, name) > 0) {
        break;
      }
      files.pause(wait);
      wait *= 2;
      result = files.rmdirRaw(above, name);
    }
    return result;
  }
}
