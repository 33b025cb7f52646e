package dev.jrunc.runtime.rootfs;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.MountCalls;
import dev.jrunc.runtime.plan.MountOptions;
import dev.jrunc.runtime.plan.RootfsStep;

/** Gives a detached mount the attributes and the propagation of its options. */
final class Attributes {
  private Attributes() {}

  /** The flag of open_tree(2) and mount_setattr(2) for a depth. */
  static int depth(MountOptions.Depth depth) {
    return depth == MountOptions.Depth.TREE ? MountCalls.RECURSIVE : 0;
  }

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
      // EPERM: in a user namespace what restricts the host's mount is locked. Only what was asked
      // for is changed here, so a config that does not ask to lift it never comes to this.
      throw MountFailure.of(step, (int) -result, "mount options");
    }
  }
}
