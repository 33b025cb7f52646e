package dev.jrunc.runtime.rootfs;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.MountAttribute;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.plan.RootfsStep;
import dev.jrunc.spec.Separated;
import java.util.List;

/**
 * Mounts the container's cgroups. Version 2 is one file system. Of version 1 there is one a
 * hierarchy, in a tmpfs with a folder for each, and links for controllers that share one.
 */
final class CgroupMount {
  private static final long ATTRIBUTES =
      MountAttribute.NO_SUID | MountAttribute.NO_DEV | MountAttribute.NO_EXEC;

  private final Linux linux;
  private final RootHandle root;
  private final List<CgroupView> cgroups;

  CgroupMount(Linux linux, RootHandle root, List<CgroupView> cgroups) {
    this.linux = linux;
    this.root = root;
    this.cgroups = cgroups;
  }

  void perform(RootfsStep.MountCgroup step) {
    try (Descriptor target = root.directory(step.destination())) {
      if (cgroups.size() == 1 && cgroups.get(0).folder().isEmpty()) {
        try (Descriptor mount =
            hierarchy(step, cgroups.get(0), step.options().set() | ATTRIBUTES)) {
          linux.mounts().attach(mount, target);
        }
        return;
      }
      try (Descriptor folders = tmpfs()) {
        linux.mounts().attach(folders, target);
        for (CgroupView view : cgroups) {
          place(step, folders, view);
        }
        if (step.options().readOnly()) {
          linux.mounts().setAttributes(folders, 0, MountAttribute.READ_ONLY, 0, 0);
        }
      }
    } catch (SyscallFailed e) {
      throw MountFailure.of(step, e.errno(), e.subject());
    }
  }

  private Descriptor tmpfs() {
    try (Descriptor context = linux.mounts().openFileSystem("tmpfs")) {
      linux.mounts().setStringRaw(context, "source", "cgroup");
      linux.mounts().setStringRaw(context, "mode", "755");
      linux.mounts().createRaw(context);
      return linux.mounts().mountFileSystem(context, ATTRIBUTES);
    }
  }

  private void place(RootfsStep.MountCgroup step, Descriptor folders, CgroupView view) {
    linux.files().mkdir(folders, view.folder(), 0755);
    try (Descriptor folder = linux.files().open(folders, view.folder(), OpenFlags.PATH, 0);
        Descriptor mount = hierarchy(step, view, step.options().set() | ATTRIBUTES)) {
      linux.mounts().attach(mount, folder);
    }
    if (view.folder().indexOf(',') >= 0) {
      for (String controller : Separated.by(',', view.folder())) {
        linux.files().symlinkRaw(view.folder(), folders, controller);
      }
    }
  }

  // With a cgroup namespace a new mount of version 2 shows its root; otherwise the own cgroup is
  // bound, so that nothing above it is seen. Version 1 is always bound: its memory group is entered
  // last of all, and the namespace that the mounts are made in does not begin there yet.
  private Descriptor hierarchy(RootfsStep.MountCgroup step, CgroupView view, long attributes) {
    if (step.cgroupNamespace() && view.version2()) {
      try (Descriptor context = linux.mounts().openFileSystem("cgroup2")) {
        if (linux.mounts().createRaw(context) >= 0) {
          return linux.mounts().mountFileSystem(context, attributes);
        }
        // EPERM or EBUSY, as in a user namespace: a bind of the own cgroup shows the same.
      }
    }
    Descriptor bound = linux.mounts().cloneTree(linux.currentDirectory(), view.path(), 0);
    // CVE-2023-25809: if this cannot be made read-only as asked, it must not be there at all.
    linux.mounts().setAttributes(bound, 0, attributes, 0, MountAttribute.PRIVATE);
    return bound;
  }
}
