package dev.jrunc.runtime.rootfs;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import org.jspecify.annotations.Nullable;

/**
 * The container's root as a handle. Paths are resolved by openat2(2) with the handle as their root:
 * no link, {@code ..} or race leads out of it (CVE-2021-30465, CVE-2024-45310), and links of the
 * kind of /proc/PID/fd are refused.
 */
final class RootHandle {
  private static final int INSIDE = OpenFlags.RESOLVE_IN_ROOT | OpenFlags.RESOLVE_NO_MAGICLINKS;

  private final Linux linux;
  private final Descriptor root;

  RootHandle(Linux linux, Descriptor root) {
    this.linux = linux;
    this.root = root;
  }

  Descriptor descriptor() {
    return root;
  }

  /** A handle on what is at {@code path}; null if nothing is. */
  @Nullable Descriptor find(String path) {
    long result = open(path, OpenFlags.PATH);
    if (result == -Errno.ENOENT || result == -Errno.ENOTDIR) {
      return null;
    }
    return checked(path, result);
  }

  /** As {@link #find}, refusing a path in which any name is a link. */
  @Nullable Descriptor findWithoutLinks(String path) {
    int resolve = INSIDE | OpenFlags.RESOLVE_NO_SYMLINKS;
    long result = linux.files().open2Raw(root, path, OpenFlags.PATH, 0, resolve);
    if (result == -Errno.ENOENT || result == -Errno.ENOTDIR) {
      return null;
    }
    return checked(path, result);
  }

  /** The directory at {@code path}, made with all before it where it is missing. */
  Descriptor directory(String path, int mode) {
    long result = open(path, OpenFlags.PATH | OpenFlags.DIRECTORY);
    if (result != -Errno.ENOENT) {
      return checked(path, result);
    }
    int slash = path.lastIndexOf('/');
    String name = path.substring(slash + 1);
    try (Descriptor parent = directory(slash <= 0 ? "/" : path.substring(0, slash), mode)) {
      // EEXIST: somebody was faster, or a link that leads nowhere; opening it tells which.
      long made = linux.files().mkdirRaw(parent, name, mode);
      if (made < 0 && made != -Errno.EEXIST) {
        throw new SyscallFailed(SystemCall.MKDIRAT, path, (int) -made);
      }
    }
    return checked(path, open(path, OpenFlags.PATH | OpenFlags.DIRECTORY));
  }

  /** The file at {@code path}, made empty where it is missing. */
  Descriptor file(String path) {
    long result = open(path, OpenFlags.PATH);
    if (result != -Errno.ENOENT) {
      return checked(path, result);
    }
    int slash = path.lastIndexOf('/');
    String name = path.substring(slash + 1);
    try (Descriptor parent = directory(slash <= 0 ? "/" : path.substring(0, slash), 0755)) {
      int flags = OpenFlags.WRONLY | OpenFlags.CREAT | OpenFlags.EXCL | OpenFlags.NOFOLLOW;
      long made = linux.files().openRaw(parent, name, flags, 0644);
      if (made < 0 && made != -Errno.EEXIST) {
        throw new SyscallFailed(SystemCall.OPENAT, path, (int) -made);
      }
      if (made >= 0) {
        new Descriptor(linux.gate(), (int) made).close();
      }
    }
    return checked(path, open(path, OpenFlags.PATH));
  }

  boolean isDirectory(Descriptor file) {
    return linux.files().status(file).is(FileMode.DIRECTORY);
  }

  private long open(String path, int flags) {
    return linux.files().open2Raw(root, path, flags, 0, INSIDE);
  }

  private Descriptor checked(String path, long result) {
    if (result < 0) {
      throw new SyscallFailed(SystemCall.OPENAT2, path, (int) -result);
    }
    return new Descriptor(linux.gate(), (int) result);
  }
}
