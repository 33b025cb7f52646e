package dev.jrunc.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What {@code spec} writes: runc's starting point for a config of one's own. */
public final class DefaultSpec {
  /** The version of the specification that a default config is written for. */
  public static final String OCI_VERSION = "1.3.0";

  private static final List<String> CAPABILITIES =
      List.of("CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE");

  private DefaultSpec() {}

  /** For root; {@code cgroupNamespace} as runc adds it where the host has cgroup v2. */
  public static Spec forRoot(boolean cgroupNamespace) {
    List<Namespace> namespaces = new ArrayList<>();
    namespaces.add(new Namespace(NamespaceType.PID, null));
    namespaces.add(new Namespace(NamespaceType.NETWORK, null));
    namespaces.add(new Namespace(NamespaceType.IPC, null));
    namespaces.add(new Namespace(NamespaceType.UTS, null));
    namespaces.add(new Namespace(NamespaceType.MOUNT, null));
    if (cgroupNamespace) {
      namespaces.add(new Namespace(NamespaceType.CGROUP, null));
    }
    Resources denyDevices =
        new Resources(
            List.of(new DeviceCgroupRule(false, null, null, null, "rwm")),
            null,
            null,
            null,
            null,
            List.of(),
            null,
            Map.of(),
            Map.of());
    Mount sysfs = mount("/sys", "sysfs", "sysfs", List.of("nosuid", "noexec", "nodev", "ro"));
    Mount devpts =
        mount(
            "/dev/pts",
            "devpts",
            "devpts",
            List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"));
    return spec(List.of(), List.of(), denyDevices, namespaces, mounts(devpts, sysfs));
  }

  /** For a user without root, whose ids become root's inside. */
  public static Spec rootless(long uid, long gid, boolean cgroupNamespace) {
    List<Namespace> namespaces = new ArrayList<>();
    namespaces.add(new Namespace(NamespaceType.PID, null));
    namespaces.add(new Namespace(NamespaceType.IPC, null));
    namespaces.add(new Namespace(NamespaceType.UTS, null));
    namespaces.add(new Namespace(NamespaceType.MOUNT, null));
    if (cgroupNamespace) {
      namespaces.add(new Namespace(NamespaceType.CGROUP, null));
    }
    namespaces.add(new Namespace(NamespaceType.USER, null));
    // Without a network namespace of its own no sysfs may be mounted, and no group but one's own
    // is mapped.
    Mount sysfs =
        mount("/sys", "none", "/sys", List.of("rbind", "nosuid", "noexec", "nodev", "ro"));
    Mount devpts =
        mount(
            "/dev/pts",
            "devpts",
            "devpts",
            List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"));
    return spec(
        List.of(new IdMapping(0, uid, 1)),
        List.of(new IdMapping(0, gid, 1)),
        null,
        namespaces,
        mounts(devpts, sysfs));
  }

  private static Spec spec(
      List<IdMapping> uids,
      List<IdMapping> gids,
      @org.jspecify.annotations.Nullable Resources resources,
      List<Namespace> namespaces,
      List<Mount> mounts) {
    Process process =
        new Process(
            true,
            null,
            new User(0, 0, null, List.of()),
            List.of("sh"),
            List.of(
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"),
            "/",
            new Capabilities(CAPABILITIES, CAPABILITIES, List.of(), CAPABILITIES, List.of()),
            List.of(new Rlimit("RLIMIT_NOFILE", 1024, 1024)),
            true,
            null,
            null,
            null,
            null,
            null,
            null);
    Linux linux =
        new Linux(
            uids,
            gids,
            Map.of(),
            resources,
            null,
            namespaces,
            List.of(),
            Map.of(),
            null,
            null,
            MASKED_PATHS,
            READONLY_PATHS,
            null,
            null,
            null,
            Map.of(),
            null);
    return new Spec(
        OCI_VERSION,
        process,
        new Root("rootfs", true),
        "runc",
        null,
        mounts,
        Hooks.NONE,
        Map.of(),
        linux);
  }

  /** What no container may see of the kernel. */
  public static final List<String> MASKED_PATHS =
      List.of(
          "/proc/acpi",
          "/proc/asound",
          "/proc/kcore",
          "/proc/keys",
          "/proc/latency_stats",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/proc/sched_debug",
          "/sys/firmware",
          "/proc/scsi");

  /** What no container may change of the kernel. */
  public static final List<String> READONLY_PATHS =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

  private static List<Mount> mounts(Mount devpts, Mount sysfs) {
    return List.of(
        mount("/proc", "proc", "proc", List.of()),
        mount(
            "/dev", "tmpfs", "tmpfs", List.of("nosuid", "strictatime", "mode=755", "size=65536k")),
        devpts,
        mount(
            "/dev/shm",
            "tmpfs",
            "shm",
            List.of("nosuid", "noexec", "nodev", "mode=1777", "size=65536k")),
        mount("/dev/mqueue", "mqueue", "mqueue", List.of("nosuid", "noexec", "nodev")),
        sysfs,
        mount(
            "/sys/fs/cgroup",
            "cgroup",
            "cgroup",
            List.of("nosuid", "noexec", "nodev", "relatime", "ro")));
  }

  private static Mount mount(String destination, String type, String source, List<String> options) {
    return new Mount(destination, type, source, options, List.of(), List.of());
  }
}
