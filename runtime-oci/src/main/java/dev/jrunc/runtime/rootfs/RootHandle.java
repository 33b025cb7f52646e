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
  private static final int PLAIN = INSIDE | OpenFlags.RESOLVE_NO_SYMLINKS;

  // As the kernel's MAXSYMLINKS.
  private static final int MOST_LINKS = 40;

  private final Linux linux;
  private Descriptor root;

  RootHandle(Linux linux, Descriptor root) {
    this.linux = linux;
    this.root = root;
  }

  Descriptor descriptor() {
    return root;
  }

  /** Something was mounted over the root itself: that is the root from now on. */
  void become(Descriptor top) {
    Descriptor covered = root;
    root = linux.streams().duplicate(top, 3);
    covered.close();
  }

  /** A handle on what is at {@code path}; null if nothing is. */
  @Nullable Descriptor find(String path) {
    long result = open(path, OpenFlags.PATH, INSIDE);
    if (result == -Errno.ENOENT || result == -Errno.ENOTDIR) {
      return null;
    }
    return checked(path, result);
  }

  /** The directory at {@code path}, made with all before it where it is missing. */
  Descriptor directory(String path) {
    return openOrMake(path, OpenFlags.DIRECTORY, INSIDE, 0);
  }

  /** As {@link #directory}; a link anywhere in the path fails with ELOOP or ENOTDIR. */
  Descriptor plainDirectory(String path) {
    return openOrMake(path, OpenFlags.DIRECTORY, PLAIN, 0);
  }

  /** The file at {@code path}, made empty where it is missing. */
  Descriptor file(String path) {
    return openOrMake(path, 0, INSIDE, 0);
  }

  boolean isDirectory(Descriptor file) {
    return linux.files().status(file).is(FileMode.DIRECTORY);
  }

  private Descriptor openOrMake(String path, int kind, int resolve, int links) {
    long result = open(path, OpenFlags.PATH | kind, resolve);
    if (result != -Errno.ENOENT || path.isEmpty()) {
      return checked(path, result);
    }
    int slash = path.lastIndexOf('/');
    String parent = slash <= 0 ? "/" : path.substring(0, slash);
    String name = path.substring(slash + 1);
    if (name.isEmpty()) {
      return openOrMake(parent, OpenFlags.DIRECTORY, resolve, links);
    }
    try (Descriptor folder = openOrMake(parent, OpenFlags.DIRECTORY, resolve, links)) {
      long made = kind == 0 ? makeFile(folder, name) : linux.files().mkdirRaw(folder, name, 0755);
      if (made == -Errno.EEXIST && resolve == INSIDE) {
        String target = linkTarget(folder, name);
        if (target != null) {
          // A link to nothing, such as /etc/resolv.conf -> ../run/...: what it names is made.
          if (links == MOST_LINKS) {
            throw new SyscallFailed(SystemCall.OPENAT2, path, Errno.ELOOP);
          }
          String followed = target.startsWith("/") ? target : parent + "/" + target;
          return openOrMake(followed, kind, resolve, links + 1);
        }
      }
      // Any other EEXIST: somebody was faster, and opening it tells what it is.
      if (made < 0 && made != -Errno.EEXIST) {
        SystemCall call = kind == 0 ? SystemCall.OPENAT : SystemCall.MKDIRAT;
        throw new SyscallFailed(call, path, (int) -made);
      }
    }
    return checked(path, open(path, OpenFlags.PATH | kind, resolve));
  }

  private long makeFile(Descriptor folder, String name) {
    int flags = OpenFlags.WRONLY | OpenFlags.CREAT | OpenFlags.EXCL | OpenFlags.NOFOLLOW;
    long made = linux.files().openRaw(folder, name, flags, 0644);
    if (made >= 0) {
      new Descriptor(linux.gate(), (int) made).close();
    }
    return made;
  }

  private @Nullable String linkTarget(Descriptor folder, String name) {
    try {
      return linux.files().readlink(folder, name);
    } catch (SyscallFailed e) {
      return null;
    }
  }

  private long open(String path, int flags, int resolve) {
    return linux.files().open2Raw(root, path, flags, 0, resolve);
  }

  private Descriptor checked(String path, long result) {
    if (result < 0) {
      throw new SyscallFailed(SystemCall.OPENAT2, path, (int) -result);
    }
    return new Descriptor(linux.gate(), (int) result);
  }
}
