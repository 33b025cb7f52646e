package dev.jrunc.image.bundle;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.tree.TreeRemoval;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import java.nio.file.Path;

/**
 * The folder of a bundle, held while it is being made or removed.
 *
 * <pre>
 *   config.json   rootfs/       the bundle
 *   .jimage/bundle.json         what it was made of, see {@link BundleNote}
 *   .jimage/record              what was unpacked
 *   .jimage/upper  work         what an overlay bundle has for itself
 *   .jimage/unfinished          there while the bundle is not whole
 *   .jimage/new/                its parts until they are renamed
 * </pre>
 *
 * The lock on the folder goes with the process. So whoever finds the mark "unfinished" and gets the
 * lock knows that its maker was killed, and clears away what he left, his mount included.
 */
final class BundleFolder implements AutoCloseable {
  static final String CONFIG = "config.json";
  static final String ROOTFS = "rootfs";
  static final String OWN = BundleNote.FOLDER;
  static final String NEW = OWN + "/new";
  private static final String UNFINISHED = OWN + "/unfinished";
  private static final int EXCLUSIVE_AT_ONCE = 2 | 4; // LOCK_EX | LOCK_NB
  private static final int OTHERS_REACH = 0033;
  private static final int DETACH = 2; // MNT_DETACH
  private static final int UNMOUNT_NOFOLLOW = 8;

  private final Linux linux;
  private final Path path;
  private final Descriptor folder;

  private BundleFolder(Linux linux, Path path, Descriptor folder) {
    this.linux = linux;
    this.path = path;
    this.folder = folder;
  }

  /** Opens and locks it, and clears away what a killed process left there. */
  static BundleFolder open(Linux linux, Path path) {
    int flags = OpenFlags.RDONLY | OpenFlags.DIRECTORY;
    Descriptor folder;
    try {
      folder = linux.files().open(linux.currentDirectory(), path.toString(), flags, 0);
    } catch (SyscallFailed e) {
      throw new ImageFailure(
          "cannot use \"" + path + "\" as a bundle: " + Errno.message(e.errno()), e);
    }
    BundleFolder opened = new BundleFolder(linux, path, folder);
    try {
      opened.lock();
      opened.recover();
      return opened;
    } catch (SyscallFailed | ImageFailure e) {
      folder.close();
      throw e;
    }
  }

  private void lock() {
    try {
      linux.streams().lock(folder, EXCLUSIVE_AT_ONCE);
    } catch (SyscallFailed e) {
      if (e.errno() != Errno.EAGAIN) {
        throw e;
      }
      throw new ImageFailure("another jimage is at work in \"" + path + "\"", e);
    }
  }

  Descriptor handle() {
    return folder;
  }

  Path path() {
    return path;
  }

  boolean isEmpty() {
    return linux.files().list(folder).isEmpty();
  }

  /**
   * CVE-2021-41091: an image may hold set-user-id files, which other users of the host must not
   * reach. The mode of a folder that holds something else already is not ours to change.
   */
  void refuseOthers() {
    FileStatus status = linux.files().status(folder);
    String why = "";
    if (status.uid() != linux.credentials().effectiveUid()) {
      why = "it belongs to user " + status.uid() + "; take a new folder";
    } else if (!isEmpty() && (status.mode() & OTHERS_REACH) != 0) {
      why = "other users may enter it; chmod go-wx it, or take a new folder";
    }
    if (!why.isEmpty()) {
      throw new ImageFailure("cannot use \"" + path + "\" as a bundle: " + why);
    }
  }

  /** Where it was empty; what {@link #refuseOthers} lets in else is closed already. */
  void keepToOwner() {
    int mode = linux.files().status(folder).mode();
    if ((mode & OTHERS_REACH) != 0) {
      linux.files().chmod(folder, 0700);
    }
  }

  boolean has(String name) {
    return linux.files().statusOrNull(folder, name, FileCalls.NOFOLLOW) != null;
  }

  /** Makes the folder that jimage has for itself, with the mark in it. */
  void begin() {
    linux.files().mkdir(folder, OWN, 0700);
    write(UNFINISHED, "");
    // 0700 until it is whole: an image may hold set-user-id files that no one may run from here.
    linux.files().mkdir(folder, NEW, 0700);
  }

  /** The bundle is whole. */
  void finish() {
    linux.files().unlink(folder, NEW, FileCalls.REMOVE_DIRECTORY);
    linux.files().unlink(folder, UNFINISHED, 0);
  }

  void write(String name, String content) {
    int create = OpenFlags.WRONLY | OpenFlags.CREAT | OpenFlags.EXCL;
    try (Descriptor file = linux.files().open(folder, name, create, 0644)) {
      linux.streams().write(file, content);
    }
  }

  /** Whether something is mounted on the rootfs. */
  boolean isMounted() {
    FileStatus rootfs = linux.files().statusOrNull(folder, ROOTFS, FileCalls.NOFOLLOW);
    return rootfs != null && rootfs.mountId() != linux.files().status(folder).mountId();
  }

  void attach(Descriptor mount) {
    int flags = OpenFlags.PATH | OpenFlags.DIRECTORY | OpenFlags.NOFOLLOW;
    try (Descriptor target = linux.files().open(folder, ROOTFS, flags, 0)) {
      linux.mounts().attach(mount, target);
    }
  }

  void unmount() {
    String target = folder.procPath() + "/" + ROOTFS;
    while (isMounted()) {
      long result = linux.mounts().unmountRaw(target, DETACH | UNMOUNT_NOFOLLOW);
      if (result < 0) {
        throw new ImageFailure(
            "cannot unmount \"" + path.resolve(ROOTFS) + "\": " + Errno.message((int) -result));
      }
    }
  }

  /** Takes a bundle away, whole or not; the folder stays. */
  void clear() {
    unmount();
    TreeRemoval removal = new TreeRemoval(linux.gate());
    linux.files().unlinkRaw(folder, CONFIG, 0);
    removal.remove(folder, ROOTFS);
    // What says that it is unfinished goes last.
    for (String name : new String[] {"upper", "work", "record", "new", "bundle.json"}) {
      removal.remove(folder, OWN + "/" + name);
    }
    removal.remove(folder, OWN);
  }

  private void recover() {
    boolean empty =
        has(OWN) && !has(UNFINISHED) && !has(OWN + "/" + BundleNote.FILE) && !has(CONFIG);
    if (has(UNFINISHED) || (empty && !has(ROOTFS))) {
      clear();
    }
  }

  @Override
  public void close() {
    folder.close();
  }
}
