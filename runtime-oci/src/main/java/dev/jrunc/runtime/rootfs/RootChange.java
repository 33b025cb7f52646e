package dev.jrunc.runtime.rootfs;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.MountAttribute;
import dev.jrunc.kernel.MountCalls;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.plan.RootfsStep;
import dev.jrunc.spec.Separated;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Makes the rootfs a mount, then the root, and leaves nothing of the old root to be reached. */
final class RootChange {
  private static final int DETACH = 2;
  private static final int MOVE = 8192;
  private static final int MOST_PARENTS = 256;
  private static final int MOUNT_TABLE_LIMIT = 16 << 20;

  private final Linux linux;
  private long isolation = MountAttribute.SLAVE;

  RootChange(Linux linux) {
    this.linux = linux;
  }

  /** Before all mounts: how those of this namespace pass to the host's and back from now on. */
  void isolate(RootfsStep.IsolateMounts step) {
    isolation = step.propagation();
    propagate("/", step.propagation(), step.recursive());
  }

  RootHandle bind(RootfsStep.BindRootfs step) {
    try (Descriptor folder = RootMount.folder(linux, step.pointer(), step.path())) {
      unshareParent(folder);
      int all = MountCalls.RECURSIVE | dev.jrunc.kernel.FileCalls.EMPTY_PATH;
      Descriptor tree = linux.mounts().cloneTree(folder, "", all);
      linux.mounts().attach(tree, folder);
      // A detached mount's descriptor stays that of its root once it is attached.
      return new RootHandle(linux, tree);
    }
  }

  // pivot_root(2) refuses a parent mount that is shared, and what is mounted below a shared one
  // would show on the host. As a slave it still gets what the host mounts, and so does the rootfs
  // bound from it; only a rootfs that is to be shared itself must not. The parent is the first
  // mount on the way up: for any other directory
  // the kernel says EINVAL. Up by "..", since the path given may go through links.
  private void unshareParent(Descriptor folder) {
    long propagation =
        isolation == MountAttribute.SHARED ? MountAttribute.PRIVATE : MountAttribute.SLAVE;
    StringBuilder up = new StringBuilder(".");
    for (int i = 0; i < MOST_PARENTS; i++) {
      long result =
          linux.mounts().setAttributesRaw(folder, up.toString(), 0, 0, 0, propagation, -1);
      if (result != -Errno.EINVAL) {
        if (result < 0) {
          throw new SyscallFailed(SystemCall.MOUNT_SETATTR, up.toString(), (int) -result);
        }
        return;
      }
      up.append("/..");
    }
  }

  /** mount_namespaces(7): how mounts below the root pass to other namespaces and back. */
  void propagate(String path, long propagation, boolean recursive) {
    int flags = recursive ? MountCalls.RECURSIVE : 0;
    long result =
        linux
            .mounts()
            .setAttributesRaw(linux.currentDirectory(), path, flags, 0, 0, propagation, -1);
    if (result < 0) {
      throw new SyscallFailed(SystemCall.MOUNT_SETATTR, path, (int) -result);
    }
  }

  // pivot_root(2), "pivot_root(".", ".")": the old root comes to lie on top of the new one, so no
  // folder for it is needed, and detaching it uncovers the new.
  void pivot(RootHandle root) {
    int folder = OpenFlags.PATH | OpenFlags.DIRECTORY;
    try (Descriptor old = linux.files().open(linux.currentDirectory(), "/", folder, 0)) {
      linux.processes().changeDirectory(root.descriptor());
      pivot();
      linux.processes().changeDirectory(old);
      // As slave: the unmount below must not reach the host where the old root was shared.
      propagate(".", MountAttribute.SLAVE, true);
      long result = linux.mounts().unmountRaw(".", DETACH);
      if (result < 0) {
        throw new SyscallFailed(SystemCall.UMOUNT2, "the old root", (int) -result);
      }
      changeToRoot();
    }
  }

  private void pivot() {
    try {
      linux.mounts().pivotRoot(".", ".");
    } catch (SyscallFailed e) {
      throw Failure.of(
              Failure.Code.SYSTEM, "error jailing process inside rootfs: " + e.getMessage())
          .phase("pivot root")
          .pointer("/root/path")
          .errno(e.errno())
          .hint(
              e.errno() == Errno.EINVAL
                  ? "the root of an initramfs cannot be pivoted: --no-pivot moves it"
                  : "")
          .because(e);
    }
  }

  /** Where the root is that of others too, and cannot be changed for all of them. */
  void chroot(RootHandle root) {
    linux.processes().changeDirectory(root.descriptor());
    linux.mounts().changeRoot(".");
    changeToRoot();
  }

  void move(RootHandle root) {
    // The host's, below which the namespaces of others would stay in reach (as by chroot(2) and a
    // second one). Slave first: the unmounts must not reach the host.
    List<String> kernelMounts = procAndSys();
    linux.processes().changeDirectory(root.descriptor());
    propagate("/", MountAttribute.SLAVE, true);
    String inside = linux.processes().currentDirectory();
    for (int i = kernelMounts.size() - 1; i >= 0; i--) {
      String point = kernelMounts.get(i);
      if (!point.equals(inside) && !point.startsWith(inside + "/")) {
        linux.mounts().unmountRaw(point, DETACH);
      }
    }
    long result = linux.mounts().mountRaw(".", "/", "", MOVE, "");
    if (result < 0) {
      throw new SyscallFailed(SystemCall.MOUNT, "move rootfs to /", (int) -result);
    }
    linux.mounts().changeRoot(".");
    changeToRoot();
  }

  // proc_pid_mountinfo(5): the fifth field is the mount point, the first after "-" the type.
  private List<String> procAndSys() {
    List<String> points = new ArrayList<>();
    for (String line : Separated.by('\n', mountTable())) {
      List<String> fields = Separated.by(' ', line);
      int type = 0;
      while (type < fields.size() && !fields.get(type).equals("-")) {
        type++;
      }
      boolean kernel =
          type + 1 < fields.size()
              && (fields.get(type + 1).equals("proc") || fields.get(type + 1).equals("sysfs"));
      if (kernel && type > 4) {
        points.add(fields.get(4));
      }
    }
    return points;
  }

  private String mountTable() {
    try (Descriptor table =
        linux.files().open(linux.currentDirectory(), "/proc/thread-self/mountinfo", 0, 0)) {
      return new String(
          linux.streams().readAll(table, MOUNT_TABLE_LIMIT), StandardCharsets.ISO_8859_1);
    }
  }

  private void changeToRoot() {
    long result = linux.processes().changeDirectoryRaw("/");
    if (result < 0) {
      throw new SyscallFailed(SystemCall.CHDIR, "/", (int) -result);
    }
  }
}
