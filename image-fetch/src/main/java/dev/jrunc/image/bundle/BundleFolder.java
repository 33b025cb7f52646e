package dev.jrunc.image.bundle;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.tree.TreeRemoval;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
 * lock knows that its maker was killed, and clears away what he left, his mount included; or
 * finishes it, where config.json stands already.
 */
final class BundleFolder implements AutoCloseable {
  static final String CONFIG = "config.json";
  static final String ROOTFS = "rootfs";
  static final String OWN = BundleNote.FOLDER;
  static final String NEW = OWN + "/new";
  private static final String UNFINISHED = OWN + "/unfinished";
  private static final int EXCLUSIVE_AT_ONCE = 2 | 4; // LOCK_EX | LOCK_NB
  private static final int OTHERS_REACH = 0033;
  private static final int OTHERS_WRITE = 0022;
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

  /** Opens and locks it, and brings to an end what a killed process left there. */
  static BundleFolder open(Linux linux, Path path) {
    BundleFolder opened = openAsItIs(linux, path);
    try {
      opened.recover();
      return opened;
    } catch (SyscallFailed | ImageFailure e) {
      opened.close();
      throw e;
    }
  }

  /** Opens and locks it, also to take away what was left half. */
  static BundleFolder openAsItIs(Linux linux, Path path) {
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
      opened.refuseOthersBundle();
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

  // What .jimage says is believed: whose layers are let go, what is mounted and what is deleted.
  private void refuseOthersBundle() {
    FileStatus own = linux.files().statusOrNull(folder, OWN, FileCalls.NOFOLLOW);
    if (own == null) {
      return;
    }
    FileStatus status = linux.files().status(folder);
    long user = linux.credentials().effectiveUid();
    String why = "";
    if (!own.is(FileMode.DIRECTORY)) {
      why = "its " + OWN + " is no folder";
    } else if (own.uid() != user || status.uid() != user) {
      why = "it belongs to user " + (own.uid() != user ? own.uid() : status.uid());
    } else if ((status.mode() & OTHERS_WRITE) != 0) {
      why = "other users may write there; look at what is in it, then chmod go-w it";
    }
    if (!why.isEmpty()) {
      throw new ImageFailure("cannot use \"" + path + "\" as a bundle: " + why);
    }
  }

  /** What is written down beside the bundle. */
  BundleNote note() {
    return BundleNote.of(Path.of(folder.procPath()), path);
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
    linux.files().mkdir(folder, NEW, 0700);
  }

  /** The bundle is whole. */
  void finish() {
    linux.files().unlinkRaw(folder, NEW, FileCalls.REMOVE_DIRECTORY);
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
    List<String> stays = takeAway();
    if (!stays.isEmpty()) {
      throw new ImageFailure(
          "cannot remove all of the bundle in \""
              + path
              + "\": "
              + String.join(", ", stays)
              + "; jimage unbundle takes the rest, once that is mended");
    }
  }

  /** The same, as far as it can; answers what stays, and why. */
  List<String> takeAway() {
    unmount();
    TreeRemoval removal = new TreeRemoval(linux.gate());
    linux.files().unlinkRaw(folder, CONFIG, 0);
    List<String> stays = new ArrayList<>(removal.remove(folder, ROOTFS));
    for (String name : new String[] {"upper", "work", "record", "new"}) {
      stays.addAll(removal.remove(folder, OWN + "/" + name));
    }
    // What says what it was, and that it is not whole, goes last: the rest can be tried again.
    if (stays.isEmpty()) {
      stays.addAll(removal.remove(folder, OWN + "/" + BundleNote.FILE));
      stays.addAll(removal.remove(folder, OWN));
    }
    return List.copyOf(stays);
  }

  private void recover() {
    boolean empty =
        has(OWN) && !has(UNFINISHED) && !has(OWN + "/" + BundleNote.FILE) && !has(CONFIG);
    // config.json is renamed last: what has it lacks nothing but to be called finished.
    if (has(UNFINISHED) && has(CONFIG) && has(ROOTFS)) {
      finish();
      return;
    }
    if (has(UNFINISHED) || (empty && !has(ROOTFS))) {
      clear();
    }
  }

  @Override
  public void close() {
    folder.close();
  }
}
