package dev.jrunc.image.layer;

import dev.jrunc.image.tree.TreeRecord;
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
  private static final int DEEPEST = 4096;

  private final Linux linux;
  private final Descriptor root;
  private final TreeRecord record;
  private final boolean alone;
  private final FolderTimes times;
  private final InheritedAttributes inherited;
  private @Nullable String openPath;
  private @Nullable Descriptor openFolder;
  private String real = "";

  /**
   * @param alone whether lower layers may hold what is not here; then anything that depends on them
   *     is {@link NeedsLowerLayers}
   */
  RootTree(Linux linux, Descriptor root, TreeRecord record, boolean alone) {
    this.linux = linux;
    this.root = root;
    this.record = record;
    this.alone = alone;
    this.times = new FolderTimes(this);
    this.inherited = new InheritedAttributes(linux, root);
  }

  InheritedAttributes inherited() {
    return inherited;
  }

  FolderTimes times() {
    return times;
  }

  Linux linux() {
    return linux;
  }

  Descriptor root() {
    return root;
  }

  TreeRecord record() {
    return record;
  }

  /** The path of the folder found last, without links in it. */
  String real() {
    return real;
  }

  static String join(String folder, String name) {
    return folder.isEmpty() ? name : folder + "/" + name;
  }

  static String above(String path) {
    return path.substring(0, Math.max(path.lastIndexOf('/'), 0));
  }

  /** The folder at {@code path}, null where it is not there or is no folder. */
  @Nullable Descriptor find(String path) {
    if (path.equals(openPath)) {
      return openFolder;
    }
    long result = open(path, INSIDE | OpenFlags.RESOLVE_NO_SYMLINKS);
    boolean linked = result == -Errno.ELOOP;
    if (linked) {
      needsNoOther();
      result = open(path, INSIDE);
    }
    if (result == -Errno.ENOENT || result == -Errno.ENOTDIR || result == -Errno.ELOOP) {
      return null;
    }
    if (result < 0) {
      throw new SyscallFailed(SystemCall.OPENAT2, path, (int) -result);
    }
    Descriptor folder = new Descriptor(linux.gate(), (int) result);
    return keep(path, folder, linked ? place(folder) : path);
  }

  private void needsNoOther() {
    if (alone) {
      throw new NeedsLowerLayers();
    }
  }

  // Where a folder is that was reached through links, by what procfs says of both descriptors.
  private String place(Descriptor folder) {
    String top = linux.files().readlink(linux.currentDirectory(), root.procPath());
    String path = linux.files().readlink(linux.currentDirectory(), folder.procPath());
    int start = top.equals("/") ? 1 : top.length() + 1;
    return path.length() <= start ? "" : path.substring(start);
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
    needsNoOther();
    String name = path.substring(path.lastIndexOf('/') + 1);
    Descriptor parent = folder(above(path));
    String place = join(real, name);
    FileStatus there = linux.files().statusOrNull(parent, name, FileCalls.NOFOLLOW);
    if (there != null && !there.is(FileMode.DIRECTORY)) {
      times.keep(real, parent);
      linux.files().unlink(parent, name, 0);
      record.gone(place);
    }
    if (there == null || !there.is(FileMode.DIRECTORY)) {
      times.keep(real, parent);
      linux.files().mkdir(parent, name, 0755);
      linux.files().chmod(parent, name, 0755); // whatever the umask
      record.implied(place);
      times.implied(place);
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

  /** Removes what has this name, with all below it; nothing there is fine. */
  void remove(Descriptor folder, String name, String path) {
    times.keep(above(path), folder);
    remove(folder, name, 0);
    forget();
    record.gone(path);
    times.forget(path);
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

  private Descriptor keep(String path, Descriptor folder, String place) {
    forget();
    openPath = path;
    openFolder = folder;
    real = place;
    return folder;
  }

  private long open(String path, int resolve) {
    int flags = OpenFlags.RDONLY | OpenFlags.DIRECTORY;
    return linux.files().open2Raw(root, path.isEmpty() ? "." : path, flags, 0, resolve);
  }

  @Override
  public void close() {
    forget();
  }
}
