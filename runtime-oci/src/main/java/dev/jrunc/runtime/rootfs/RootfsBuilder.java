package dev.jrunc.runtime.rootfs;

import static java.util.Objects.requireNonNull;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.MountAttribute;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.plan.RootfsStep;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Performs the rootfs steps of one plan, in the container's process. */
public final class RootfsBuilder {
  private final Linux linux;
  private final List<CgroupView> cgroups;
  private final BindSources sources;
  private final @Nullable Descriptor bound;
  private final RootChange change;
  private final SysctlWriter sysctls;
  private @Nullable RootHandle root;
  private @Nullable DeviceNodes devices;
  private @Nullable PathRestriction restriction;

  /**
   * @param cgroups what of the host's cgroups the container may see, by the name of the folder
   * @param sources of the bind mounts
   * @param bound the rootfs, where the creating process has bound it; else null
   */
  public RootfsBuilder(
      Linux linux, List<CgroupView> cgroups, BindSources sources, @Nullable Descriptor bound) {
    this.linux = linux;
    this.cgroups = List.copyOf(cgroups);
    this.sources = sources;
    this.bound = bound;
    this.change = new RootChange(linux);
    this.sysctls = new SysctlWriter(linux);
  }

  /** Where a plan has no mounts. */
  public static RootfsBuilder forNothing(Linux linux) {
    return new RootfsBuilder(
        linux,
        List.of(),
        step -> {
          throw new IllegalStateException("no mounts are made here");
        },
        null);
  }

  /** Performs one step; steps come in the order of the plan. */
  public void perform(RootfsStep step) {
    switch (step) {
      case RootfsStep.IsolateMounts s -> change.isolate(s);
      case RootfsStep.BindRootfs s -> root = change.bind(s);
      case RootfsStep.TakeRootfs s -> root = new RootHandle(linux, requireNonNull(bound));
      case RootfsStep.MountFileSystem s -> mounting().fileSystem(s);
      case RootfsStep.BindMount s -> mounting().bind(s);
      case RootfsStep.MountCgroup s -> new CgroupMount(linux, root(), cgroups).perform(s);
      case RootfsStep.MakeDevice s -> devices().make(s);
      case RootfsStep.MakeLink s -> devices().link(s);
      case RootfsStep.PivotRoot s -> {
        devices().close();
        change.pivot(root());
      }
      case RootfsStep.MoveRoot s -> {
        devices().close();
        change.move(root());
      }
      case RootfsStep.ChangeRoot s -> {
        devices().close();
        change.chroot(root());
      }
      case RootfsStep.PropagateRoot s -> change.propagate("/", s.propagation(), s.recursive());
      case RootfsStep.ReopenNullStreams s -> reopenNullStreams();
      case RootfsStep.MakeDirectory s -> root().directory(s.path()).close();
      case RootfsStep.MakeReadonly s -> makeReadonly(s);
      case RootfsStep.WriteSysctl s -> sysctls.write(s);
      case RootfsStep.ReadonlyPath s -> restriction().readonly(s);
      case RootfsStep.MaskPath s -> restriction().mask(s);
    }
  }

  /** Makes the rootfs the working directory of this process. */
  public void changeDirectory() {
    linux.processes().changeDirectory(root().descriptor());
  }

  private RootHandle root() {
    if (root == null) {
      throw new IllegalStateException("the rootfs is not bound yet");
    }
    return root;
  }

  private Mounting mounting() {
    return new Mounting(linux, root(), sources);
  }

  private DeviceNodes devices() {
    if (devices == null) {
      devices = new DeviceNodes(linux, root());
    }
    return devices;
  }

  private PathRestriction restriction() {
    if (restriction == null) {
      restriction = new PathRestriction(linux, root());
    }
    return restriction;
  }

  // Through the host's inode the container could change mode and owner of the host's device.
  private void reopenNullStreams() {
    Descriptor inside = null;
    for (int i = 0; i <= 2; i++) {
      if (isNullDevice(i)) {
        inside = inside == null ? NullDevice.openStream(linux, root()) : inside;
        linux.streams().duplicateOnto(inside, i);
      }
    }
    if (inside != null) {
      inside.close();
    }
  }

  private boolean isNullDevice(int stream) {
    try {
      return NullDevice.is(linux.files().status(new Descriptor(linux.gate(), stream)));
    } catch (SyscallFailed e) {
      return false; // A closed stream stays closed.
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
