package dev.jrunc.image.layer;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import org.jspecify.annotations.Nullable;

/**
 * The tree that layers are applied to, by a handle on its root. Folders are found by openat2(2)
 * with that handle as their root, so a link in an image leads to the image's own files and nowhere
 * else. The folder used last stays open: entries of one folder follow each other in a tar.
 */
final class RootTree implements AutoCloseable {
  private static final int INSIDE = OpenFlags.RESOLVE_IN_ROOT | OpenFlags.RESOLVE_NO_MAGICLINKS;
  private static final int DEEPEST = 1024;

  private final Linux linux;
  private final Descriptor root;
  private @Nullable String openPath;
  private @Nullable Descriptor openFolder;

  RootTree(Linux linux, Descriptor root) {
    this.linux = linux;
    this.root = root;
  }

  Linux linux() {
    return linux;
  }

  Descriptor root() {
    return root;
  }

  /** The folder at {@code path}, null where it is not there or is no folder. */
  @Nullable Descriptor find(String path) {
    if (path.equals(openPath)) {
      return openFolder;
    }
    long result = open(path);
    if (result == -Errno.ENOENT || result == -Errno.ENOTDIR || result == -Errno.ELOOP) {
      return null;
    }
    if (result < 0) {
      throw new SyscallFailed(SystemCall.OPENAT2, path, (int) -result);
    }
    return keep(path, new Descriptor(linux.gate(), (int) result));
  }

  /**
   * The folder at {@code path}, made with those above it where it is missing. A file in its place
   * gives way: a later layer has the last word.
   */
  Descriptor folder(String path) {
    Descriptor found = find(path);
    if (found != null) {
      return found;
    }
    String name = path.substring(path.lastIndexOf('/') + 1);
    Descriptor parent = folder(above(path));
    FileStatus there = linux.files().statusOrNull(parent, name, FileCalls.NOFOLLOW);
    if (there != null && !there.is(FileMode.DIRECTORY)) {
      linux.files().unlink(parent, name, 0);
    }
    if (there == null || !there.is(FileMode.DIRECTORY)) {
      linux.files().mkdir(parent, name, 0755);
      linux.files().chmod(parent, name, 0755); // whatever the umask
    }
    Descriptor made = find(path);
    if (made == null) {
      throw new SyscallFailed(SystemCall.OPENAT2, path, Errno.ENOTDIR);
    }
    return made;
  }

  /** Makes the folder at {@code path}, unless something that is no folder is in the way. */
  void ensure(String path) {
    for (String each = path; find(each) == null; each = above(each)) {
      int flags = OpenFlags.PATH | OpenFlags.NOFOLLOW;
      long there = linux.files().open2Raw(root, each, flags, 0, INSIDE);
      if (there >= 0) {
        new Descriptor(linux.gate(), (int) there).close();
        return;
      }
    }
    folder(path);
  }

  private static String above(String path) {
    return path.substring(0, Math.max(path.lastIndexOf('/'), 0));
  }

  /** Removes what has this name, with all below it; nothing there is fine. */
  void remove(Descriptor folder, String name) {
    remove(folder, name, 0);
    forget();
  }

  private void remove(Descriptor folder, String name, int depth) {
    long result = linux.files().unlinkRaw(folder, name, 0);
    if (result >= 0 || result == -Errno.ENOENT) {
      return;
    }
    if ((result != -Errno.EISDIR && result != -Errno.EPERM) || depth > DEEPEST) {
      throw new SyscallFailed(SystemCall.UNLINKAT, name, (int) -result);
    }
    try (Descriptor inner =
        linux
            .files()
            .open(folder, name, OpenFlags.RDONLY | OpenFlags.DIRECTORY | OpenFlags.NOFOLLOW, 0)) {
      for (String child : linux.files().list(inner)) {
        remove(inner, child, depth + 1);
      }
    }
    linux.files().unlink(folder, name, FileCalls.REMOVE_DIRECTORY);
  }

  /** Lets go of the folder kept open, after anything that could have put another in its place. */
  void forget() {
    if (openFolder != null) {
      openFolder.close();
    }
    openFolder = null;
    openPath = null;
  }

  private Descriptor keep(String path, Descriptor folder) {
    forget();
    openPath = path;
    openFolder = folder;
    return folder;
  }

  private long open(String path) {
    int flags = OpenFlags.RDONLY | OpenFlags.DIRECTORY;
    return linux.files().open2Raw(root, path.isEmpty() ? "." : path, flags, 0, INSIDE);
  }

  @Override
  public void close() {
    forget();
  }
}
