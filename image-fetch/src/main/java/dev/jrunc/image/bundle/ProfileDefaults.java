package dev.jrunc.image.bundle;

import dev.jrunc.spec.Capabilities;
import dev.jrunc.spec.DefaultSpec;
import dev.jrunc.spec.DeviceCgroupRule;
import dev.jrunc.spec.Mount;
import dev.jrunc.spec.NamespaceType;
import dev.jrunc.spec.PidsResources;
import dev.jrunc.spec.Resources;
import dev.jrunc.spec.Rlimit;
import dev.jrunc.spec.Seccomp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a profile says where an image says nothing.
 *
 * @param hostname null for the image's name
 * @param environment that comes before the image's own, which wins
 * @param umask of the program, null for none
 * @param tmpfsVolumes whether a volume of the image becomes a temporary file system
 * @param numbersHaveGroups whether a user given as a number gets the groups of its name too
 */
record ProfileDefaults(
    String ociVersion,
    boolean terminal,
    @Nullable String hostname,
    List<String> environment,
    @Nullable Integer umask,
    Capabilities capabilities,
    List<Rlimit> rlimits,
    boolean noNewPrivileges,
    boolean readonlyRoot,
    List<Mount> mounts,
    List<NamespaceType> namespaces,
    List<String> maskedPaths,
    List<String> readonlyPaths,
    Resources resources,
    @Nullable Seccomp seccomp,
    boolean tmpfsVolumes,
    boolean numbersHaveGroups) {

  private static final String PATH =
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /** The oldest version that has all that is written here; every runtime takes it. */
  private static final String OCI_VERSION = "1.0.2";

  private static final List<Rlimit> FILES = List.of(new Rlimit("RLIMIT_NOFILE", 1024, 1024));
  private static final List<NamespaceType> PLAIN =
      List.of(
          NamespaceType.PID,
          NamespaceType.NETWORK,
          NamespaceType.IPC,
          NamespaceType.UTS,
          NamespaceType.MOUNT);

  // What programs without an engine around them get.
  private static final List<String> FEW =
      List.of("CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE");

  // What ordinary programs of a distribution use, as Podman gives it; nothing inheritable, so that
  // a program without set-id bits keeps none over a change of user.
  private static final List<String> USUAL =
      List.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FOWNER",
          "CAP_FSETID",
          "CAP_KILL",
          "CAP_NET_BIND_SERVICE",
          "CAP_SETFCAP",
          "CAP_SETGID",
          "CAP_SETPCAP",
          "CAP_SETUID",
          "CAP_SYS_CHROOT");

  private static final List<String> DOCKERS =
      List.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FSETID",
          "CAP_FOWNER",
          "CAP_MKNOD",
          "CAP_NET_RAW",
          "CAP_SETGID",
          "CAP_SETUID",
          "CAP_SETFCAP",
          "CAP_SETPCAP",
          "CAP_NET_BIND_SERVICE",
          "CAP_SYS_CHROOT",
          "CAP_KILL",
          "CAP_AUDIT_WRITE");

  private static final List<String> MASKED =
      List.of(
          "/proc/acpi",
          "/proc/asound",
          "/proc/interrupts",
          "/proc/kcore",
          "/proc/keys",
          "/proc/latency_stats",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/proc/sched_debug",
          "/proc/scsi",
          "/sys/firmware",
          "/sys/devices/virtual/powercap");

  static ProfileDefaults of(Profile profile) {
    return switch (profile) {
      case JRUNC -> jrunc();
      case DOCKER -> docker();
      case PODMAN -> podman();
      case UMOCI -> umoci();
      case RUNC -> runc();
    };
  }

  private static ProfileDefaults jrunc() {
    return new ProfileDefaults(
        OCI_VERSION,
        false,
        null,
        List.of(PATH),
        null,
        sets(USUAL),
        FILES,
        true,
        false,
        DefaultSpec.forRoot(true).mounts(),
        withCgroup(),
        MASKED,
        DefaultSpec.READONLY_PATHS,
        noDevices(null),
        DefaultSeccomp.profile(),
        false,
        false);
  }

  // moby, daemon/pkg/oci/defaults.go.
  private static ProfileDefaults docker() {
    return new ProfileDefaults(
        OCI_VERSION,
        false,
        null,
        List.of(PATH),
        null,
        sets(DOCKERS),
        List.of(),
        false,
        false,
        engineMounts(),
        withCgroup(),
        MASKED,
        DefaultSpec.READONLY_PATHS,
        noDevices(null),
        DefaultSeccomp.profile(),
        false,
        true);
  }

  private static ProfileDefaults podman() {
    return new ProfileDefaults(
        OCI_VERSION,
        false,
        null,
        List.of(PATH, "container=podman"),
        022,
        sets(USUAL),
        List.of(),
        false,
        false,
        engineMounts(),
        withCgroup(),
        List.of(
            "/proc/acpi",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/sys/firmware",
            "/sys/fs/selinux",
            "/sys/dev/block"),
        withAsound(),
        noDevices(new PidsResources(2048L)),
        DefaultSeccomp.profile(),
        false,
        true);
  }

  // umoci, oci/config/convert/default.go of 0.4.7; 0.6 differs in its version alone.
  private static ProfileDefaults umoci() {
    return new ProfileDefaults(
        "1.0.0",
        true,
        "umoci-default",
        List.of(PATH, "TERM=xterm"),
        null,
        new Capabilities(FEW, FEW, FEW, FEW, FEW),
        FILES,
        true,
        false,
        DefaultSpec.forRoot(false).mounts(),
        PLAIN,
        List.of(
            "/proc/kcore",
            "/proc/latency_stats",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/proc/sched_debug",
            "/sys/firmware",
            "/proc/scsi"),
        withAsound(),
        noDevices(null),
        null,
        true,
        true);
  }

  private static ProfileDefaults runc() {
    return new ProfileDefaults(
        OCI_VERSION,
        true,
        "runc",
        List.of(PATH, "TERM=xterm"),
        null,
        sets(FEW),
        FILES,
        true,
        true,
        DefaultSpec.forRoot(false).mounts(),
        PLAIN,
        DefaultSpec.MASKED_PATHS,
        DefaultSpec.READONLY_PATHS,
        noDevices(null),
        null,
        false,
        false);
  }

  private static Capabilities sets(List<String> names) {
    return new Capabilities(names, names, List.of(), names, List.of());
  }

  private static List<NamespaceType> withCgroup() {
    List<NamespaceType> types = new ArrayList<>(PLAIN);
    types.add(NamespaceType.CGROUP);
    return List.copyOf(types);
  }

  private static List<String> withAsound() {
    List<String> paths = new ArrayList<>(List.of("/proc/asound"));
    paths.addAll(DefaultSpec.READONLY_PATHS);
    return List.copyOf(paths);
  }

  private static Resources noDevices(@Nullable PidsResources pids) {
    return new Resources(
        List.of(new DeviceCgroupRule(false, null, null, null, "rwm")),
        null,
        null,
        pids,
        null,
        List.of(),
        null,
        Map.of(),
        Map.of());
  }

  // The engines keep programs from being run out of /proc and /dev.
  private static List<Mount> engineMounts() {
    List<Mount> mounts = new ArrayList<>();
    for (Mount mount : DefaultSpec.forRoot(false).mounts()) {
      mounts.add(
          switch (mount.destination()) {
            case "/proc" -> withOptions(mount, List.of("nosuid", "noexec", "nodev"));
            case "/dev" ->
                withOptions(
                    mount, List.of("nosuid", "noexec", "strictatime", "mode=755", "size=65536k"));
            default -> mount;
          });
    }
    return List.copyOf(mounts);
  }

  static Mount withOptions(Mount mount, List<String> options) {
    return new Mount(
        mount.destination(), mount.type(), mount.source(), options, List.of(), List.of());
  }
}
