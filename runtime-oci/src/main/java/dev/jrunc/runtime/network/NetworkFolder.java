package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.StreamCalls;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.Utf8;
import dev.jrunc.runtime.error.Failure;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The folder of lease files below the state of all containers, held under a lock: whoever has this
 * open is the only one who changes bridges of this root.
 */
final class NetworkFolder implements AutoCloseable {
  /** No container can be seen by a name with a dot before it. */
  static final String NAME = ".network";

  private static final String SUFFIX = ".leases";
  private static final int LARGEST = 8 << 20;

  private final Linux linux;
  private final String path;
  private final Descriptor folder;
  private final Descriptor lock;

  private NetworkFolder(Linux linux, String path, Descriptor folder, Descriptor lock) {
    this.linux = linux;
    this.path = path;
    this.folder = folder;
    this.lock = lock;
  }

  /** Waits for the lock; makes the folder if it is not there. */
  static NetworkFolder lock(Linux linux, String root) {
    String path = root + "/" + NAME;
    try {
      long made = linux.files().mkdirRaw(linux.currentDirectory(), path, 0700);
      if (made < 0 && made != -Errno.EEXIST) {
        throw new SyscallFailed(dev.jrunc.kernel.SystemCall.MKDIRAT, path, (int) -made);
      }
      int flags = OpenFlags.RDONLY | OpenFlags.DIRECTORY | OpenFlags.NOFOLLOW;
      Descriptor folder = linux.files().open(linux.currentDirectory(), path, flags, 0);
      Descriptor lock = linux.files().open(folder, ".", flags, 0);
      linux.streams().lock(lock, StreamCalls.LOCK_EXCLUSIVE);
      return new NetworkFolder(linux, path, folder, lock);
    } catch (SyscallFailed e) {
      throw Failure.system("cannot lock the folder of networks " + path, e);
    }
  }

  /** As {@link #lock}, null where no network was ever made below this root. */
  static @Nullable NetworkFolder lockExisting(Linux linux, String root) {
    boolean there =
        linux.files().statusOrNull(linux.currentDirectory(), root + "/" + NAME, 0) != null;
    return there ? lock(linux, root) : null;
  }

  String pathOf(String bridge) {
    return path + "/" + bridge + SUFFIX;
  }

  /** The bridges that have a file, by name. */
  List<String> bridges() {
    List<String> names = new ArrayList<>();
    for (String file : linux.files().list(lock)) {
      if (file.endsWith(SUFFIX) && file.charAt(0) != '.') {
        names.add(file.substring(0, file.length() - SUFFIX.length()));
      }
    }
    Collections.sort(names);
    // Read to its end: the next who lists begins again.
    linux.streams().seek(lock, 0, 0);
    return names;
  }

  /** Null where the bridge has no file. */
  @Nullable LeaseFile read(String bridge) {
    int flags = OpenFlags.RDONLY | OpenFlags.NOFOLLOW | OpenFlags.NONBLOCK;
    long opened = linux.files().openRaw(folder, bridge + SUFFIX, flags, 0);
    if (opened == -Errno.ENOENT) {
      return null;
    }
    if (opened < 0) {
      throw Failure.system(
          "cannot read the lease file " + pathOf(bridge),
          new SyscallFailed(dev.jrunc.kernel.SystemCall.OPENAT, pathOf(bridge), (int) -opened));
    }
    try (Descriptor file = new Descriptor(linux.gate(), (int) opened)) {
      return LeaseFile.read(pathOf(bridge), linux.streams().readAll(file, LARGEST));
    } catch (SyscallFailed e) {
      throw Failure.system("cannot read the lease file " + pathOf(bridge), e);
    }
  }

  /**
   * As {@link #read}, null for a damaged file too: it must not keep other containers from being
   * deleted, and prune mends it.
   */
  @Nullable LeaseFile readOrNull(String bridge) {
    try {
      LeaseFile file = read(bridge);
      if (file != null) {
        file.leases();
      }
      return file;
    } catch (Failure e) {
      return null;
    }
  }

  /** Replaces the file whole: who dies in between leaves the old one. */
  void write(String bridge, LeaseFile content) {
    String temporary = "." + bridge + ".new";
    int flags = OpenFlags.WRONLY | OpenFlags.CREAT | OpenFlags.TRUNC | OpenFlags.NOFOLLOW;
    try (Descriptor file = linux.files().open(folder, temporary, flags, 0600)) {
      linux.streams().write(file, content.written());
      linux.files().rename(folder, temporary, folder, bridge + SUFFIX);
    } catch (SyscallFailed e) {
      throw Failure.system("cannot write the lease file " + pathOf(bridge), e);
    }
  }

  void remove(String bridge) {
    linux.files().unlinkRaw(folder, bridge + SUFFIX, 0);
  }

  /** The id of this boot, see proc(5). */
  static String boot(Linux linux) {
    String path = "/proc/sys/kernel/random/boot_id";
    try (Descriptor file =
        linux.files().open(linux.currentDirectory(), path, OpenFlags.RDONLY, 0)) {
      return Utf8.decode(linux.streams().readAll(file, 64)).trim();
    } catch (SyscallFailed e) {
      throw Failure.system("cannot read " + path, e);
    }
  }

  @Override
  public void close() {
    lock.close();
    folder.close();
  }
}
