package dev.jrunc.runtime.rootfs;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.MountAttribute;
import dev.jrunc.kernel.MountCalls;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.error.Failure;

/**
 * A rootfs as a mount of its own: a copy of its tree, to be attached to where it was taken from.
 */
public final class RootMount implements AutoCloseable {
  private final Linux linux;
  private final Descriptor folder;
  private final Descriptor tree;

  private RootMount(Linux linux, Descriptor folder, Descriptor tree) {
    this.linux = linux;
    this.folder = folder;
    this.tree = tree;
  }

  /** Opens the directory; its mount is still detached. */
  static Descriptor folder(Linux linux, String pointer, String path) {
    try {
      int flags = OpenFlags.PATH | OpenFlags.DIRECTORY;
      return linux.files().open(linux.currentDirectory(), path, flags, 0);
    } catch (SyscallFailed e) {
      throw Failure.of(
              Failure.Code.NOT_FOUND,
              "invalid rootfs \"" + path + "\": " + Errno.message(e.errno()))
          .phase("bind rootfs")
          .pointer(pointer)
          .path(path)
          .errno(e.errno())
          .hint("root.path is taken from the bundle's folder")
          .because(e);
    }
  }

  /** The copy of the tree, still detached. */
  public static RootMount of(Linux linux, String pointer, String path) {
    Descriptor folder = folder(linux, pointer, path);
    try {
      int all = MountCalls.RECURSIVE | FileCalls.EMPTY_PATH;
      return new RootMount(linux, folder, linux.mounts().cloneTree(folder, "", all));
    } catch (SyscallFailed e) {
      folder.close();
      throw e;
    }
  }

  /** A handle on its root, which stays one once it is attached; the caller closes it. */
  public Descriptor tree() {
    return tree;
  }

  /**
   * Attaches it for all to see. Private from then on: what is mounted below it shows in no other
   * namespace.
   */
  public void attachPrivate() {
    linux.mounts().attach(tree, folder);
    linux.mounts().setAttributes(tree, MountCalls.RECURSIVE, 0, 0, MountAttribute.PRIVATE);
  }

  @Override
  public void close() {
    folder.close();
  }
}
