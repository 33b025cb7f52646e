package dev.jrunc.runtime.plan;

import dev.jrunc.kernel.MountAttribute;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.ContainerPath;
import dev.jrunc.spec.Device;
import dev.jrunc.spec.Linux;
import dev.jrunc.spec.Mount;
import dev.jrunc.spec.Namespace;
import dev.jrunc.spec.NamespaceType;
import dev.jrunc.spec.PointerSegment;
import dev.jrunc.spec.Process;
import dev.jrunc.spec.Root;
import dev.jrunc.spec.Spec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Plans the file system in three parts: before the hooks that still see the host, the change of the
 * root, and what is done once inside.
 */
final class RootfsPlanner {
  private final Spec spec;
  private final Linux linux;
  private final String bundle;
  private final PlanOptions.Root rootChange;
  private final String rootfs;
  private final List<MountOptions> options = new ArrayList<>();

  RootfsPlanner(Spec spec, String bundle, PlanOptions.Root rootChange) {
    this.spec = spec;
    this.linux = spec.linux() == null ? Linux.EMPTY : spec.linux();
    this.bundle = bundle;
    this.rootChange = rootChange;
    this.rootfs = rootfs(spec, bundle);
    for (Mount mount : spec.mounts()) {
      options.add(MountOptions.parse(mount.options()));
    }
  }

  /** Why mounts cannot be planned; empty where all can. */
  List<Failure> refusals() {
    List<Failure> refusals = new ArrayList<>();
    for (int i = 0; i < spec.mounts().size(); i++) {
      try {
        mount(i);
      } catch (Failure e) {
        refusals.add(e);
      }
    }
    return refusals;
  }

  /** From the isolation of the mounts to the device nodes. */
  List<RootfsStep> beforeHooks() {
    List<RootfsStep> steps = new ArrayList<>();
    Root root = spec.root();
    String given = root == null ? "" : root.path();
    String path = given.startsWith("/") ? given : bundle + "/" + given;
    if (has(NamespaceType.MOUNT)) {
      // First of all: whatever is mounted from here on must not show on the host.
      steps.add(isolation());
      steps.add(new RootfsStep.BindRootfs(RootfsStep.PATH, path));
    } else {
      // The host's own mounts keep their propagation: it is not the container's to change.
      steps.add(new RootfsStep.TakeRootfs(RootfsStep.PATH, path));
    }
    // In the order of the config: a later mount may lie inside an earlier one.
    for (int i = 0; i < spec.mounts().size(); i++) {
      steps.add(mount(i));
    }
    if (!devIsBound()) {
      // After the mounts: /dev is one of them.
      devices(steps);
    }
    return steps;
  }

  /** The change of the root and what belongs to it. */
  List<RootfsStep> enterRoot() {
    List<RootfsStep> steps = new ArrayList<>();
    steps.add(rootChange());
    String propagation = linux.rootfsPropagation();
    if (propagation != null && !propagation.isEmpty()) {
      // Only now is "/" the container's.
      steps.add(
          new RootfsStep.PropagateRoot(
              "/linux/rootfsPropagation", type(propagation), propagation.startsWith("r")));
    }
    // The null device inside is not the host's: its mode and owner are the container's to change.
    steps.add(new RootfsStep.ReopenNullStreams(""));
    // Before the root becomes read-only. Inside the root, since an image may have links on the way.
    Process process = spec.process();
    if (process != null && !process.cwd().equals("/")) {
      steps.add(new RootfsStep.MakeDirectory("/process/cwd", ContainerPath.clean(process.cwd())));
    }
    return steps;
  }

  private RootfsStep rootChange() {
    if (!has(NamespaceType.MOUNT)) {
      // Any other way would change the root of every process of the host.
      return new RootfsStep.ChangeRoot("/root");
    }
    return rootChange == PlanOptions.Root.PIVOT
        ? new RootfsStep.PivotRoot("/root")
        : new RootfsStep.MoveRoot("/root");
  }

  /** What takes rights away, after everything that needed them. */
  List<RootfsStep> finish() {
    List<RootfsStep> steps = new ArrayList<>();
    for (int i = 0; i < spec.mounts().size(); i++) {
      if (readOnlyLater(i)) {
        steps.add(new RootfsStep.MakeReadonly("/mounts/" + i, destination(i)));
      }
    }
    if (spec.root() != null && spec.root().readonly()) {
      steps.add(new RootfsStep.MakeReadonly("/root/readonly", "/"));
    }
    // Before /proc/sys becomes read-only.
    for (Map.Entry<String, String> entry : linux.sysctl().entrySet()) {
      steps.add(
          new RootfsStep.WriteSysctl(
              "/linux/sysctl/" + PointerSegment.of(entry.getKey()),
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
    // What is unbindable could not be bound, neither the rootfs nor a source: until the root is
    // changed such mounts are private, which is the same for the host.
    long type = type(propagation);
    return new RootfsStep.IsolateMounts(
        "/linux/rootfsPropagation",
        type == MountAttribute.UNBINDABLE ? MountAttribute.PRIVATE : type,
        propagation.startsWith("r"));
  }

  private static long type(String propagation) {
    return switch (propagation.startsWith("r") ? propagation.substring(1) : propagation) {
      case "shared" -> MountAttribute.SHARED;
      case "private" -> MountAttribute.PRIVATE;
      case "unbindable" -> MountAttribute.UNBINDABLE;
      default -> MountAttribute.SLAVE;
    };
  }

  private RootfsStep mount(int index) {
    Mount mount = spec.mounts().get(index);
    MountOptions sorted = options.get(index);
    String pointer = "/mounts/" + index;
    String source = mount.source() == null ? "" : mount.source();
    String type = mount.type() == null ? "" : mount.type();
    if (isBind(index)) {
      return bind(index, source.startsWith("/") ? source : bundle + "/" + source);
    }
    if (sorted.copyUp() && (!type.equals("tmpfs") || destination(index).equals("/"))) {
      throw refused(
          index,
          Failure.Code.INVALID_CONFIG,
          "tmpcopyup is only supported for a tmpfs that is not the root",
          "take tmpcopyup out of the options");
    }
    // All that follow are single mounts.
    sorted = sorted.flat();
    if (type.equals("cgroup") || type.equals("cgroup2")) {
      return new RootfsStep.MountCgroup(
          pointer, destination(index), sorted, has(NamespaceType.CGROUP));
    }
    if (readOnlyLater(index)) {
      sorted = sorted.writable();
    }
    return new RootfsStep.MountFileSystem(
        pointer, destination(index), type, source, labelled(type, sorted));
  }

  private RootfsStep bind(int index, String source) {
    List<String> data = new ArrayList<>(options.get(index).data());
    // What is said of every mount by habit and means nothing for this one.
    data.removeIf(option -> option.startsWith("mode=") || option.startsWith("size="));
    if (!data.isEmpty()) {
      throw refused(
          index,
          Failure.Code.INVALID_CONFIG,
          "bind mounts cannot have any filesystem-specific options applied",
          "take out \"" + data.get(0) + "\", or see whether it is misspelt");
    }
    return new RootfsStep.BindMount(
        "/mounts/" + index, destination(index), source, options.get(index), idMap(index));
  }

  // config.md "Mounts": the mappings of the mount, or else those of the container.
  private @Nullable MountIdMap idMap(int index) {
    Mount mount = spec.mounts().get(index);
    MountOptions.Depth depth = options.get(index).idMap();
    boolean own = !mount.uidMappings().isEmpty();
    if (depth == MountOptions.Depth.NONE && !own) {
      return null;
    }
    MountOptions.Depth wanted = depth == MountOptions.Depth.TREE ? depth : MountOptions.Depth.MOUNT;
    if (own) {
      return new MountIdMap(wanted, mount.uidMappings(), mount.gidMappings(), false);
    }
    return new MountIdMap(wanted, linux.uidMappings(), linux.gidMappings(), joinsUsers());
  }

  private boolean joinsUsers() {
    for (Namespace namespace : linux.namespaces()) {
      if (namespace.type() == NamespaceType.USER && namespace.path() != null) {
        return true;
      }
    }
    return false;
  }

  // selinux(8), "context=": not for those whose files have labels of their own. That of mqueue is
  // set on its root once it is made. In quotes, since a label may have commas.
  private MountOptions labelled(String type, MountOptions sorted) {
    String label = linux.mountLabel();
    if (label == null || label.isEmpty()) {
      return sorted;
    }
    return switch (type) {
      case "proc", "sysfs" -> sorted;
      default -> sorted.plusData("context=\"" + label + "\"");
    };
  }

  private Failure refused(int index, Failure.Code code, String reason, String hint) {
    Mount mount = spec.mounts().get(index);
    String source = mount.source() == null ? "" : mount.source();
    return Failure.of(
            code,
            "error mounting \""
                + source
                + "\" to rootfs at \""
                + destination(index)
                + "\": "
                + reason)
        .phase("plan")
        .pointer("/mounts/" + index + "/options")
        .path(destination(index))
        .hint(hint)
        .build();
  }

  // As runc does, a path of the host's that leads into the rootfs is taken for the one inside.
  private String destination(int index) {
    String destination = ContainerPath.clean(spec.mounts().get(index).destination());
    return destination.startsWith(rootfs + "/")
        ? destination.substring(rootfs.length())
        : destination;
  }

  private static String rootfs(Spec spec, String bundle) {
    Root root = spec.root();
    String path = root == null ? "" : root.path();
    return ContainerPath.clean(path.startsWith("/") ? path : bundle + "/" + path);
  }

  private boolean isBind(int index) {
    return options.get(index).bind() != MountOptions.Depth.NONE
        || "bind".equals(spec.mounts().get(index).type());
  }

  // The content of a tmpfs may still be to be made, and that of /dev always is.
  private boolean readOnlyLater(int index) {
    boolean filledLater =
        "tmpfs".equals(spec.mounts().get(index).type()) || destination(index).equals("/dev");
    return filledLater && !isBind(index) && options.get(index).flat().readOnly();
  }

  private boolean has(NamespaceType type) {
    for (Namespace namespace : linux.namespaces()) {
      if (namespace.type() == type) {
        return true;
      }
    }
    return false;
  }

  // Whoever binds a /dev of their own answers for what is in it.
  private boolean devIsBound() {
    for (int i = 0; i < spec.mounts().size(); i++) {
      if (isBind(i) && destination(i).equals("/dev")) {
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
    // Not the node an image may have: it would be the host's multiplexer, not that of /dev/pts.
    steps.add(
        new RootfsStep.MakeLink("", "/dev/ptmx", "pts/ptmx", RootfsStep.MakeLink.Existing.REPLACE));
    link(steps, "/dev/fd", "/proc/self/fd");
    link(steps, "/dev/stdin", "/proc/self/fd/0");
    link(steps, "/dev/stdout", "/proc/self/fd/1");
    link(steps, "/dev/stderr", "/proc/self/fd/2");
    link(steps, "/dev/core", "/proc/kcore");
  }

  private static void link(List<RootfsStep> steps, String path, String target) {
    steps.add(new RootfsStep.MakeLink("", path, target, RootfsStep.MakeLink.Existing.KEEP));
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
