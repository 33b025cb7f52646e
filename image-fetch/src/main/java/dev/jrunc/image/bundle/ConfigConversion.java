package dev.jrunc.image.bundle;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.spec.Capabilities;
import dev.jrunc.spec.DefaultSpec;
import dev.jrunc.spec.Hooks;
import dev.jrunc.spec.Linux;
import dev.jrunc.spec.Namespace;
import dev.jrunc.spec.NamespaceType;
import dev.jrunc.spec.Process;
import dev.jrunc.spec.Resources;
import dev.jrunc.spec.Rlimit;
import dev.jrunc.spec.Root;
import dev.jrunc.spec.Spec;
import dev.jrunc.spec.User;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Image configuration to runtime configuration, by the image specification's conversion.md, with
 * secure defaults for what an image says nothing about. The same image gives the same bytes.
 */
final class ConfigConversion {
  /** The oldest version that has all that is written here; every runtime takes it. */
  private static final String OCI_VERSION = "1.0.2";

  private static final String PATH =
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  // What ordinary programs of a distribution use, as Podman gives it; nothing inheritable, so that
  // a program without set-id bits keeps none over a change of user.
  private static final List<String> CAPABILITIES =
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

  // CVE-2026-53488: labels that a runtime or engine acts on are not the image's to set.
  private static final List<String> CONTROL_LABELS =
      List.of(
          "run.oci.",
          "org.criu.",
          "org.systemd.",
          "io.kubernetes.",
          "io.podman.",
          "io.containers.",
          "containerd.io/",
          "io.crun.",
          "module.wasm.");

  private ConfigConversion() {}

  static Spec spec(ImageSettings image, User user, BundleRequest request) {
    Spec base = DefaultSpec.forRoot(true);
    Capabilities capabilities =
        new Capabilities(CAPABILITIES, CAPABILITIES, List.of(), CAPABILITIES, List.of());
    Process process =
        new Process(
            request.terminal(),
            null,
            user,
            arguments(image),
            environment(image, request.terminal()),
            workingDirectory(image),
            capabilities,
            List.of(new Rlimit("RLIMIT_NOFILE", 1024, 1024)),
            true,
            null,
            null,
            null,
            null,
            null,
            null);
    return new Spec(
        OCI_VERSION,
        process,
        new Root("rootfs", false),
        hostname(request.imageName()),
        null,
        base.mounts(),
        Hooks.NONE,
        annotations(image),
        linux(base));
  }

  private static Linux linux(Spec base) {
    List<Namespace> namespaces =
        List.of(
            new Namespace(NamespaceType.PID, null),
            new Namespace(NamespaceType.NETWORK, null),
            new Namespace(NamespaceType.IPC, null),
            new Namespace(NamespaceType.UTS, null),
            new Namespace(NamespaceType.MOUNT, null),
            new Namespace(NamespaceType.CGROUP, null));
    Resources resources = base.linux() == null ? null : base.linux().resources();
    return new Linux(
        List.of(),
        List.of(),
        Map.of(),
        resources,
        null,
        namespaces,
        List.of(),
        Map.of(),
        DefaultSeccomp.profile(),
        null,
        MASKED_PATHS,
        DefaultSpec.READONLY_PATHS,
        null,
        null,
        null,
        Map.of(),
        null);
  }

  private static final List<String> MASKED_PATHS =
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

  private static List<String> arguments(ImageSettings image) {
    List<String> arguments = new ArrayList<>(image.entrypoint());
    arguments.addAll(image.command());
    // An image may leave the program to its user; a shell is what they would ask for first.
    return arguments.isEmpty() ? List.of("sh") : arguments;
  }

  private static List<String> environment(ImageSettings image, boolean terminal) {
    List<String> environment = new ArrayList<>(image.environment());
    if (environment.stream().noneMatch(variable -> variable.startsWith("PATH="))) {
      environment.add(PATH);
    }
    if (terminal && environment.stream().noneMatch(variable -> variable.startsWith("TERM="))) {
      environment.add("TERM=xterm");
    }
    return environment;
  }

  // CVE-2024-21626: a working directory below /proc can be a descriptor of the host.
  /** Absolute and clean, or refused. */
  static String workingDirectory(ImageSettings image) {
    String folder = image.workingDirectory();
    if (folder.isEmpty()) {
      return "/";
    }
    if (!folder.startsWith("/") || folder.indexOf('\0') >= 0) {
      throw new ImageFailure(
          "the image's working directory \"" + folder + "\" is not an absolute path");
    }
    String clean = dev.jrunc.spec.ContainerPath.clean(folder);
    if (clean.equals("/proc") || clean.startsWith("/proc/")) {
      throw new ImageFailure(
          "the image's working directory \"" + folder + "\" lies in /proc, which is refused");
    }
    return clean;
  }

  // The last name of the image, as far as a host may be called so (RFC 1123).
  private static String hostname(String imageName) {
    String last = imageName.substring(imageName.lastIndexOf('/') + 1);
    int end = last.indexOf('@') >= 0 ? last.indexOf('@') : last.indexOf(':');
    String name = end < 0 ? last : last.substring(0, end);
    StringBuilder host = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      host.append(plain ? c : '-');
    }
    return host.length() > 63 ? host.substring(0, 63) : host.toString();
  }

  private static Map<String, String> annotations(ImageSettings image) {
    Map<String, String> annotations = new LinkedHashMap<>();
    String prefix = "org.opencontainers.image.";
    for (Map.Entry<String, String> field : image.origin().entrySet()) {
      put(annotations, prefix + field.getKey(), field.getValue());
    }
    put(annotations, prefix + "exposedPorts", String.join(",", image.exposedPorts()));
    put(annotations, prefix + "stopSignal", image.stopSignal());
    // conversion.md: labels win over what is implied.
    for (Map.Entry<String, String> label : image.labels().entrySet()) {
      boolean control = CONTROL_LABELS.stream().anyMatch(label.getKey()::startsWith);
      if (!control && !label.getKey().isEmpty()) {
        annotations.put(label.getKey(), label.getValue());
      }
    }
    return annotations;
  }

  private static void put(Map<String, String> annotations, String key, String value) {
    if (!value.isEmpty()) {
      annotations.put(key, value);
    }
  }
}
