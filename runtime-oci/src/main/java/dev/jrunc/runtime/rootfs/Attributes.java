package dev.jrunc.runtime.rootfs;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.MountAttribute;
import dev.jrunc.kernel.MountCalls;
import dev.jrunc.runtime.plan.MountOptions;
import dev.jrunc.runtime.plan.RootfsStep;

/** Gives a detached mount the attributes and the propagation of its options. */
final class Attributes {
  // mount_namespaces(7): what a less privileged namespace cannot clear.
  private static final long LOCKABLE =
      MountAttribute.READ_ONLY
          | MountAttribute.NO_SUID
          | MountAttribute.NO_DEV
          | MountAttribute.NO_EXEC;

  private Attributes() {}

  static void apply(Linux linux, RootfsStep step, Descriptor mount, MountOptions options) {
    boolean tree = options.bind() == MountOptions.Depth.TREE;
    MountOptions given = tree ? options : options.flat();
    boolean deep = tree && given.recursivePropagation();
    // What is for the one mount and what is for the tree are calls of their own.
    change(linux, step, mount, 0, given.set(), given.clear(), deep ? 0 : given.propagation());
    change(
        linux,
        step,
        mount,
        MountCalls.RECURSIVE,
        given.recursiveSet(),
        given.recursiveClear(),
        deep ? given.propagation() : 0);
  }

  /**
   * For a bind mount, as runc does it since 1.2: without options it keeps the attributes of its
   * source; with some it has these and no others, but what a user namespace may not take away
   * stays, unless the options ask to.
   */
  static void applyToBind(Linux linux, RootfsStep step, Descriptor mount, MountOptions options) {
    if (options.set() == 0 && options.clear() == 0) {
      apply(linux, step, mount, options);
      return;
    }
    long result = tryUnlocked(linux, mount, options, ~0L);
    if (result == -Errno.EINVAL) {
      // Before Linux 5.14 the kernel does not know it, and nothing has it that could be cleared.
      result = tryUnlocked(linux, mount, options, ~MountAttribute.NO_SYM_FOLLOW);
    }
    if (result < 0) {
      throw MountFailure.of(step, (int) -result, "mount options");
    }
    apply(linux, step, mount, options.treeOnly());
  }

  private static long tryUnlocked(Linux linux, Descriptor mount, MountOptions options, long known) {
    long unlocked = MountAttribute.NO_SYM_FOLLOW | times(options);
    long result = tryChange(linux, mount, options, unlocked | LOCKABLE, known);
    return result == -Errno.EPERM ? tryChange(linux, mount, options, unlocked, known) : result;
  }

  private static long tryChange(
      Linux linux, Descriptor mount, MountOptions options, long implied, long known) {
    long clear =
        options.clear() | (implied & ~options.set()) | (implied & MountAttribute.ATIME_MASK);
    return linux
        .mounts()
        .setAttributesRaw(mount, "", FileCalls.EMPTY_PATH, options.set(), clear & known, 0, -1);
  }

  // What is said of access times replaces all that the source has of them.
  private static long times(MountOptions options) {
    long all = MountAttribute.ATIME_MASK | MountAttribute.NO_DIR_ATIME;
    return ((options.set() | options.clear()) & all) == 0 ? 0 : all;
  }

  private static void change(
      Linux linux,
      RootfsStep step,
      Descriptor mount,
      int flags,
      long set,
      long clear,
      long propagation) {
    if (set == 0 && clear == 0 && propagation == 0) {
      return;
    }
    int all = flags | FileCalls.EMPTY_PATH;
    long result = linux.mounts().setAttributesRaw(mount, "", all, set, clear, propagation, -1);
    if (result < 0) {
      // EPERM: in a user namespace what restricts the host's mount is locked.
      throw MountFailure.of(step, (int) -result, "mount options");
    }
  }
}
