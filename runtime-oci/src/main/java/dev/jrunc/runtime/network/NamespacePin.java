package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;

/**
 * A mount that keeps a container's network namespace after its last process: plugins that take back
 * rules ask the devices inside for the addresses these are about.
 */
final class NamespacePin {
  private static final String FILE = "netns";
  private static final long NSFS_MAGIC = 0x6e736673L;
  private static final int DETACH = 2;
  private static final int NO_FOLLOW = 8;

  private final Linux linux;
  private final String path;

  /**
   * @param folderPath the container's folder
   */
  NamespacePin(Linux linux, String folderPath) {
    this.linux = linux;
    this.path = folderPath + "/" + FILE;
  }

  String path() {
    return path;
  }

  void set(int pid) {
    int flags = OpenFlags.RDONLY | OpenFlags.CREAT | OpenFlags.EXCL | OpenFlags.NOFOLLOW;
    try (Descriptor target = linux.files().open(linux.currentDirectory(), path, flags, 0);
        Descriptor namespace =
            linux.mounts().cloneTree(linux.currentDirectory(), "/proc/" + pid + "/ns/net", 0)) {
      linux.mounts().attach(namespace, target);
    } catch (SyscallFailed e) {
      throw dev.jrunc.runtime.error.Failure.system("cannot keep the network namespace " + path, e);
    }
  }

  /** Whether the namespace is there; after a reboot only the file is. */
  boolean holds() {
    int flags = OpenFlags.PATH | OpenFlags.NOFOLLOW;
    try (Descriptor file = linux.files().open(linux.currentDirectory(), path, flags, 0)) {
      return linux.files().fileSystem(file).type() == NSFS_MAGIC;
    } catch (SyscallFailed e) {
      return false;
    }
  }

  void release() {
    if (holds()) {
      linux.mounts().unmountRaw(path, DETACH | NO_FOLLOW);
    }
  }
}
