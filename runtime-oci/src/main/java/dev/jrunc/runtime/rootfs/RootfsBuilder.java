package dev.jrunc.runtime.rootfs;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.MountAttribute;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.plan.RootfsStep;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Performs the rootfs steps of one plan, in the container's process. */
public final class RootfsBuilder {
  private final Linux linux;
  private final List<CgroupView> cgroups;
  private final Map<String, Descriptor> sources;
  private final RootChange change;
  private final SysctlWriter sysctls;
  private @Nullable RootHandle root;
  private @Nullable DeviceNodes devices;
  private @Nullable PathRestriction restriction;

  /**
   * @param cgroups what of the host's cgroups the container may see, by the name of the folder
   */
  public RootfsBuilder(Linux linux, List<CgroupView> cgroups) {
    this(linux, cgroups, Map.of());
  }

  /**
   * @param cgroups what of the host's cgroups the container may see, by the name of the folder
   * @param sources detached mounts, by the pointer of the bind mount they are the source of: for
   *     what this process could not open itself. They are closed once they are attached.
   */
  public RootfsBuilder(Linux linux, List<CgroupView> cgroups, Map<String, Descriptor> sources) {
    this.linux = linux;
    this.cgroups = List.copyOf(cgroups);
    this.sources = new HashMap<>(sources);
    this.change = new RootChange(linux);
    this.sysctls = new SysctlWriter(linux);
  }

  /** Performs one step; steps come in the order of the plan. */
  public void perform(RootfsStep step) {
    switch (step) {
      case RootfsStep.IsolateMounts s -> change.isolate(s);
      case RootfsStep.BindRootfs s -> root = change.bind(s);
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
