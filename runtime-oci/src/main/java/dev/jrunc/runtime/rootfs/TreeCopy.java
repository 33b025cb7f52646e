package dev.jrunc.runtime.rootfs;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;

/**
 * Copies what a tmpfs is about to hide into it: {@code tmpcopyup}. Name by name below two handles,
 * following no link, so the copy stays below both. Sockets are left out: nobody listens to a copy.
 */
final class TreeCopy {
  // The stack of the native program bounds the recursion; no image nests this deep.
  private static final int DEEPEST = 512;

  private final Linux linux;

  private TreeCopy(Linux linux) {
    this.linux = linux;
  }

  static void copy(Linux linux, Descriptor from, Descriptor to) {
    TreeCopy copy = new TreeCopy(linux);
    // A device node takes its mode from mknod(2), less this mask.
    int mask = linux.processes().setFileModeMask(0);
    try (Descriptor source = copy.directory(from, ".");
        Descriptor target = copy.directory(to, ".")) {
      copy.copy(source, target, 0);
    } finally {
      linux.processes().setFileModeMask(mask);
    }
  }

  private void copy(Descriptor from, Descriptor to, int depth) {
    if (depth > DEEPEST) {
      throw new SyscallFailed(SystemCall.OPENAT, "directories nested too deep", Errno.ELOOP);
    }
    for (String name : linux.files().list(from)) {
      FileStatus status = linux.files().status(from, name, FileCalls.NOFOLLOW);
      switch (status.mode() & FileMode.TYPE_MASK) {
        case FileMode.DIRECTORY -> {
          linux.files().mkdir(to, name, 0700);
          try (Descriptor source = directory(from, name);
              Descriptor target = directory(to, name)) {
            copy(source, target, depth + 1);
            linux.files().chmod(target, status.mode() & 07777);
          }
        }
        case FileMode.REGULAR -> regular(from, to, name, status);
        case FileMode.SYMLINK ->
            linux.files().symlink(linux.files().readlink(from, name), to, name);
        case FileMode.SOCKET -> {
          continue;
        }
        default -> linux.files().mknod(to, name, status.mode(), status.device());
      }
      finish(to, name, status);
    }
  }

  private void regular(Descriptor from, Descriptor to, String name, FileStatus status) {
    int make = OpenFlags.WRONLY | OpenFlags.CREAT | OpenFlags.EXCL | OpenFlags.NOFOLLOW;
    try (Descriptor source = linux.files().open(from, name, OpenFlags.NOFOLLOW, 0);
        Descriptor target = linux.files().open(to, name, make, 0600)) {
      long mebibyte = 1 << 20;
      while (linux.streams().sendFile(target, source, mebibyte) > 0) {}
      linux.files().chown(target, "", status.uid(), status.gid(), FileCalls.EMPTY_PATH);
      // After chown(2), which takes set-user-ID away.
      linux.files().chmod(target, status.mode() & 07777);
    }
  }

  private void finish(Descriptor to, String name, FileStatus status) {
    if (!status.is(FileMode.REGULAR)) {
      linux.files().chown(to, name, status.uid(), status.gid(), FileCalls.NOFOLLOW);
    }
    linux.files().setTimes(to, name, status.modified(), status.modified(), FileCalls.NOFOLLOW);
  }

  private Descriptor directory(Descriptor parent, String name) {
    return linux.files().open(parent, name, OpenFlags.DIRECTORY | OpenFlags.NOFOLLOW, 0);
  }
}
