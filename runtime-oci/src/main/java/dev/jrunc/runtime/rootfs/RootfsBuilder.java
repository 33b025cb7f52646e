package dev.jrunc.runtime.rootfs;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.MountAttribute;
import dev.jrunc.kernel.MountCalls;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.plan.RootfsStep;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Performs the rootfs steps of one plan, in the container's process. */
public final class RootfsBuilder {
  private final Linux linux;
  private final List<CgroupView> cgroups;
  private @Nullable RootHandle root;
  private @Nullable PathRestriction restriction;

  /**
   * @param cgroups what of the host's cgroups the container may see, by the name of the folder
   */
  public RootfsBuilder(Linux linux, List<CgroupView> cgroups) {
    this.linux = linux;
    this.cgroups = List.copyOf(cgroups);
  }

  /** Performs one step; steps come in the order of the plan. */
  public void perform(RootfsStep step) {
    switch (step) {
      case RootfsStep.IsolateMounts s -> isolate(s);
      case RootfsStep.BindRootfs s -> bindRootfs(s);
      case RootfsStep.MountFileSystem s -> new Mounting(linux, root()).fileSystem(s);
      case RootfsStep.BindMount s -> new Mounting(linux, root()).bind(s);
      case RootfsStep.MountCgroup s -> new CgroupMount(linux, root(), cgroups).perform(s);
      case RootfsStep.MakeDevice s -> new DeviceNodes(linux, root()).make(s);
      case RootfsStep.MakeLink s -> new DeviceNodes(linux, root()).link(s);
      case RootfsStep.PivotRoot s -> pivot();
      case RootfsStep.MoveRoot s -> move();
      case RootfsStep.PropagateRoot s -> propagate("/", s.propagation(), s.recursive());
      case RootfsStep.ReopenNullStreams s -> reopenNullStreams();
      case RootfsStep.MakeDirectory s -> root().directory(s.path(), 0755).close();
      case RootfsStep.MakeReadonly s -> makeReadonly(s);
      case RootfsStep.WriteSysctl s -> new SysctlWriter(linux).write(s);
      case RootfsStep.ReadonlyPath s -> restriction().readonly(s);
      case RootfsStep.MaskPath s -> restriction().mask(s);
    }
  }

  private RootHandle root() {
    if (root == null) {
      throw new IllegalStateException("the rootfs is not bound yet");
    }
    return root;
  }

  private PathRestriction restriction() {
    if (restriction == null) {
      restriction = new PathRestriction(linux, root());
    }
    return restriction;
  }

  private void isolate(RootfsStep.IsolateMounts step) {
    propagate("/", step.propagation(), step.recursive());
  }

  private void propagate(String path, long propagation, boolean recursive) {
    long result =
        linux
            .mounts()
            .setAttributesRaw(
                linux.currentDirectory(),
                path,
                recursive ? MountCalls.RECURSIVE : 0,
                0,
                0,
                propagation,
                -1);
    if (result < 0) {
      throw new SyscallFailed(SystemCall.MOUNT_SETATTR, path, (int) -result);
    }
  }

  private void bindRootfs(RootfsStep.BindRootfs step) {
    try (Descriptor folder = openRootfs(step)) {
      makeParentPrivate(step.path());
      Descriptor tree =
          linux
              .mounts()
              .cloneTree(folder, "", MountCalls.RECURSIVE | dev.jrunc.kernel.FileCalls.EMPTY_PATH);
      linux.mounts().attach(tree, folder);
      root = new RootHandle(linux, tree);
    }
  }

  private Descriptor openRootfs(RootfsStep.BindRootfs step) {
    try {
      return linux
          .files()
          .open(linux.currentDirectory(), step.path(), OpenFlags.PATH | OpenFlags.DIRECTORY, 0);
    } catch (SyscallFailed e) {
      throw Failure.of(
              Failure.Code.NOT_FOUND,
              "invalid rootfs \"" + step.path() + "\": " + Errno.message(e.errno()))
          .phase("bind rootfs")
          .pointer(step.pointer())
          .path(step.path())
          .errno(e.errno())
          .because(e);
    }
  }

  // move_mount(2) and pivot_root(2) refuse a parent that is shared, which it still is where
  // rootfsPropagation asks for shared mounts. The parent mount begins where the id changes.
  private void makeParentPrivate(String path) {
    String parent = path;
    long mount = linux.files().status(linux.currentDirectory(), path, 0).mountId();
    while (!parent.equals("/")) {
      int slash = parent.lastIndexOf('/');
      String above = slash <= 0 ? "/" : parent.substring(0, slash);
      if (linux.files().status(linux.currentDirectory(), above, 0).mountId() != mount) {
        break;
      }
      parent = above;
    }
    long result =
        linux
            .mounts()
            .setAttributesRaw(
                linux.currentDirectory(), parent, 0, 0, 0, MountAttribute.PRIVATE, -1);
    if (result < 0 && result != -Errno.EINVAL) {
      throw new SyscallFailed(SystemCall.MOUNT_SETATTR, parent, (int) -result);
    }
  }

  // pivot_root(2), "pivot_root(".", ".")": the old root comes to lie on top of the new one, so no
  // folder for it is needed, and detaching it uncovers the new.
  private void pivot() {
    try (Descriptor old =
        linux
            .files()
            .open(linux.currentDirectory(), "/", OpenFlags.PATH | OpenFlags.DIRECTORY, 0)) {
      linux.processes().changeDirectory(root().descriptor());
      linux.mounts().pivotRoot(".", ".");
      linux.processes().changeDirectory(old);
      // As slave: the unmount below must not reach the host where the old root was shared.
      propagate(".", MountAttribute.SLAVE, true);
      int detach = 2;
      long result = linux.mounts().unmountRaw(".", detach);
      if (result < 0) {
        throw new SyscallFailed(SystemCall.UMOUNT2, "the old root", (int) -result);
      }
      changeToRoot();
    }
  }

  private void move() {
    linux.processes().changeDirectory(root().descriptor());
    // The host's /proc and /sys would stay reachable below the moved root (CVE-2019-16884's kin).
    int detach = 2;
    linux.mounts().unmountRaw("/proc", detach);
    linux.mounts().unmountRaw("/sys", detach);
    int move = 8192;
    long result = linux.mounts().mountRaw(".", "/", "", move, "");
    if (result < 0) {
      throw new SyscallFailed(SystemCall.MOUNT, "move rootfs to /", (int) -result);
    }
    linux.mounts().changeRoot(".");
    changeToRoot();
  }

  private void changeToRoot() {
    long result = linux.processes().changeDirectoryRaw("/");
    if (result < 0) {
      throw new SyscallFailed(SystemCall.CHDIR, "/", (int) -result);
    }
  }

  private void reopenNullStreams() {
    for (int i = 0; i <= 2; i++) {
      Descriptor stream = new Descriptor(linux.gate(), i);
      try {
        var status = linux.files().status(stream);
        if (!status.is(FileMode.CHARACTER_DEVICE)
            || status.device().major() != 1
            || status.device().minor() != 3) {
          continue;
        }
      } catch (SyscallFailed e) {
        continue; // A closed stream stays closed.
      }
      long opened = linux.files().openRaw(linux.currentDirectory(), "/dev/null", OpenFlags.RDWR, 0);
      if (opened >= 0) {
        try (Descriptor inside = new Descriptor(linux.gate(), (int) opened)) {
          linux.streams().duplicateOnto(inside, i);
        }
      }
    }
  }

  private void makeReadonly(RootfsStep.MakeReadonly step) {
    if (step.destination().equals("/")) {
      linux.mounts().setAttributes(root().descriptor(), 0, MountAttribute.READ_ONLY, 0, 0);
      return;
    }
    try (Descriptor mount = root().find(step.destination())) {
      if (mount != null) {
        linux.mounts().setAttributes(mount, 0, MountAttribute.READ_ONLY, 0, 0);
      }
    }
  }
}
