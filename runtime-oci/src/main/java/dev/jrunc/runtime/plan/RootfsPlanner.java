package dev.jrunc.runtime.plan;

import dev.jrunc.kernel.MountAttribute;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.ContainerPath;
import dev.jrunc.spec.Device;
import dev.jrunc.spec.Linux;
import dev.jrunc.spec.Mount;
import dev.jrunc.spec.Namespace;
import dev.jrunc.spec.NamespaceType;
import dev.jrunc.spec.Process;
import dev.jrunc.spec.Root;
import dev.jrunc.spec.Spec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Plans the file system in three parts: before the hooks that still see the host, the change of the
 * root, and what is done once inside.
 */
final class RootfsPlanner {
  private final Spec spec;
  private final Linux linux;
  private final String bundle;
  private final PlanOptions.Root rootChange;

  RootfsPlanner(Spec spec, String bundle, PlanOptions.Root rootChange) {
    this.spec = spec;
    this.linux = spec.linux() == null ? Linux.EMPTY : spec.linux();
    this.bundle = bundle;
    this.rootChange = rootChange;
  }

  /** From the isolation of the mounts to the device nodes. */
  List<RootfsStep> beforeHooks() {
    List<RootfsStep> steps = new ArrayList<>();
    // First of all: whatever is mounted from here on must not show on the host.
    steps.add(isolation());
    Root root = spec.root();
    String path = root == null ? "" : root.path();
    steps.add(
        new RootfsStep.BindRootfs("/root/path", path.startsWith("/") ? path : bundle + "/" + path));
    // In the order of the config: a later mount may lie inside an earlier one.
    for (int i = 0; i < spec.mounts().size(); i++) {
      steps.add(mount("/mounts/" + i, spec.mounts().get(i)));
    }
    if (!devIsBound()) {
      devices(steps);
    }
    return steps;
  }

  /** The change of the root and what belongs to it. */
  List<RootfsStep> enterRoot() {
    List<RootfsStep> steps = new ArrayList<>();
    steps.add(
        rootChange == PlanOptions.Root.PIVOT
            ? new RootfsStep.PivotRoot("/root")
            : new RootfsStep.MoveRoot("/root"));
    String propagation = linux.rootfsPropagation();
    if (propagation != null && !propagation.isEmpty()) {
      // Only now is "/" the container's.
      steps.add(
          new RootfsStep.PropagateRoot(
              "/linux/rootfsPropagation", type(propagation), propagation.startsWith("r")));
    }
    steps.add(new RootfsStep.ReopenNullStreams(""));
    Process process = spec.process();
    if (process != null && !process.cwd().equals("/")) {
      steps.add(new RootfsStep.MakeDirectory("/process/cwd", ContainerPath.clean(process.cwd())));
    }
    return steps;
  }

  /** What takes rights away, after everything that needed them. */
  List<RootfsStep> finish() {
    List<RootfsStep> steps = new ArrayList<>();
    for (int i = 0; i < spec.mounts().size(); i++) {
      Mount mount = spec.mounts().get(i);
      if (readOnlyLater(mount)) {
        steps.add(
            new RootfsStep.MakeReadonly("/mounts/" + i, ContainerPath.clean(mount.destination())));
      }
    }
    if (spec.root() != null && spec.root().readonly()) {
      steps.add(new RootfsStep.MakeReadonly("/root/readonly", "/"));
    }
    // Before /proc/sys becomes read-only.
    for (Map.Entry<String, String> entry : linux.sysctl().entrySet()) {
      steps.add(
          new RootfsStep.WriteSysctl(
              "/linux/sysctl/" + entry.getKey().replace("/", "~1"),
              entry.getKey(),
              entry.getValue()));
    }
    for (int i = 0; i < linux.readonlyPaths().size(); i++) {
      steps.add(
          new RootfsStep.ReadonlyPath(
              "/linux/readonlyPaths/" + i, ContainerPath.clean(linux.readonlyPaths().get(i))));
    }
    // After the read-only paths: a mask inside one of them must stay on top.
    for (int i = 0; i < linux.maskedPaths().size(); i++) {
      steps.add(
          new RootfsStep.MaskPath(
              "/linux/maskedPaths/" + i,
              ContainerPath.clean(linux.maskedPaths().get(i)),
              linux.mountLabel()));
    }
    return steps;
  }

  private RootfsStep isolation() {
    String propagation = linux.rootfsPropagation();
    if (propagation == null || propagation.isEmpty()) {
      return new RootfsStep.IsolateMounts("/linux/rootfsPropagation", MountAttribute.SLAVE, true);
    }
    return new RootfsStep.IsolateMounts(
        "/linux/rootfsPropagation", type(propagation), propagation.startsWith("r"));
  }

  private static long type(String propagation) {
    return switch (propagation.startsWith("r") ? propagation.substring(1) : propagation) {
      case "shared" -> MountAttribute.SHARED;
      case "private" -> MountAttribute.PRIVATE;
      case "unbindable" -> MountAttribute.UNBINDABLE;
      default -> MountAttribute.SLAVE;
    };
  }

  private RootfsStep mount(String pointer, Mount mount) {
    MountOptions options = MountOptions.parse(mount.options());
    String destination = ContainerPath.clean(mount.destination());
    String source = mount.source() == null ? "" : mount.source();
    boolean bind = options.bind() != MountOptions.Bind.NONE || "bind".equals(mount.type());
    if (options.idMapped() || !mount.uidMappings().isEmpty()) {
      throw Failure.of(
              Failure.Code.UNSUPPORTED, "id-mapped mounts are not supported yet: " + destination)
          .pointer(pointer)
          .phase("plan")
          .build();
    }
    if (bind) {
      String absolute = source.startsWith("/") ? source : bundle + "/" + source;
      return new RootfsStep.BindMount(pointer, destination, absolute, options);
    }
    String type = mount.type() == null ? "" : mount.type();
    if (type.equals("cgroup") || type.equals("cgroup2")) {
      return new RootfsStep.MountCgroup(pointer, destination, options, hasCgroupNamespace());
    }
    return new RootfsStep.MountFileSystem(pointer, destination, type, source, options);
  }

  // Of a tmpfs and of /dev the content is still to be made.
  private static boolean readOnlyLater(Mount mount) {
    return "tmpfs".equals(mount.type()) && MountOptions.parse(mount.options()).readOnly();
  }

  private boolean hasCgroupNamespace() {
    for (Namespace namespace : linux.namespaces()) {
      if (namespace.type() == NamespaceType.CGROUP) {
        return true;
      }
    }
    return false;
  }

  // Whoever binds a /dev of their own answers for what is in it.
  private boolean devIsBound() {
    for (Mount mount : spec.mounts()) {
      MountOptions options = MountOptions.parse(mount.options());
      boolean bind = options.bind() != MountOptions.Bind.NONE || "bind".equals(mount.type());
      if (bind && ContainerPath.clean(mount.destination()).equals("/dev")) {
        return true;
      }
    }
    return false;
  }

  private void devices(List<RootfsStep> steps) {
    // The devices and links of the specification's config-linux, "Default Devices".
    String[] names = {"null", "zero", "full", "random", "urandom"};
    int[] minors = {3, 5, 7, 8, 9};
    for (int i = 0; i < names.length; i++) {
      addDefault(steps, new Device("/dev/" + names[i], "c", 1, minors[i], 0666, 0L, 0L));
    }
    addDefault(steps, new Device("/dev/tty", "c", 5, 0, 0666, 0L, 0L));
    for (int i = 0; i < linux.devices().size(); i++) {
      Device device = linux.devices().get(i);
      steps.add(new RootfsStep.MakeDevice("/linux/devices/" + i, device));
    }
    steps.add(new RootfsStep.MakeLink("", "/dev/ptmx", "pts/ptmx"));
    steps.add(new RootfsStep.MakeLink("", "/dev/fd", "/proc/self/fd"));
    steps.add(new RootfsStep.MakeLink("", "/dev/stdin", "/proc/self/fd/0"));
    steps.add(new RootfsStep.MakeLink("", "/dev/stdout", "/proc/self/fd/1"));
    steps.add(new RootfsStep.MakeLink("", "/dev/stderr", "/proc/self/fd/2"));
    steps.add(new RootfsStep.MakeLink("", "/dev/core", "/proc/kcore"));
  }

  // A device of the config by the same path takes the place of the default.
  private void addDefault(List<RootfsStep> steps, Device device) {
    for (Device given : linux.devices()) {
      if (ContainerPath.clean(given.path()).equals(device.path())) {
        return;
      }
    }
    steps.add(new RootfsStep.MakeDevice("", device));
  }
}
