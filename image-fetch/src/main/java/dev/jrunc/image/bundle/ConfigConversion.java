package dev.jrunc.image.bundle;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.spec.Hooks;
import dev.jrunc.spec.Linux;
import dev.jrunc.spec.Mount;
import dev.jrunc.spec.Namespace;
import dev.jrunc.spec.Process;
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
          "io.katacontainers.",
          "dev.gvisor.",
          "cdi.k8s.io/",
          "module.wasm.");

  private final ImageSettings image;
  private final User user;
  private final String home;
  private final BundleRequest request;
  private final ProfileDefaults defaults;

  /**
   * @param home of the user in the image's own /etc/passwd, empty for none
   */
  ConfigConversion(ImageSettings image, User user, String home, BundleRequest request) {
    this.image = image;
    this.user = user;
    this.home = home;
    this.request = request;
    this.defaults = ProfileDefaults.of(request.options().profile());
  }

  /**
   * The whole configuration.
   *
   * @param first mounts that come before those of the profile
   */
  Spec spec(List<Mount> first) {
    Boolean asked = request.options().terminal();
    boolean terminal = asked == null ? defaults.terminal() : asked;
    Process process =
        new Process(
            terminal,
            null,
            new User(user.uid(), user.gid(), defaults.umask(), user.additionalGids()),
            arguments(),
            environment(terminal),
            workingDirectory(image),
            defaults.capabilities(),
            defaults.rlimits(),
            defaults.noNewPrivileges(),
            null,
            null,
            null,
            null,
            null,
            null);
    String hostname = defaults.hostname();
    Spec spec =
        new Spec(
            defaults.ociVersion(),
            process,
            new Root("rootfs", defaults.readonlyRoot()),
            hostname == null ? hostname(request.imageName()) : hostname,
            null,
            mounts(first),
            Hooks.NONE,
            annotations(),
            linux());
    IdMaps ids = request.options().ids();
    return ids.isEmpty() ? spec : RootlessSpec.of(spec, ids);
  }

  private Linux linux() {
    return new Linux(
        List.of(),
        List.of(),
        Map.of(),
        defaults.resources(),
        null,
        defaults.namespaces().stream().map(type -> new Namespace(type, null)).toList(),
        List.of(),
        Map.of(),
        defaults.seccomp(),
        null,
        defaults.maskedPaths(),
        defaults.readonlyPaths(),
        null,
        null,
        null,
        Map.of(),
        null);
  }

  // CVE-2022-23648: a volume's path is the image's; as the place of a mount it is the runtime's to
  // resolve inside the root, so nothing of the host is ever copied for it.
  private List<Mount> mounts(List<Mount> first) {
    List<Mount> mounts = new ArrayList<>(first);
    mounts.addAll(defaults.mounts());
    if (defaults.tmpfsVolumes()) {
      for (String volume : image.volumes()) {
        mounts.add(
            new Mount(
                volume,
                "tmpfs",
                "none",
                List.of("rw", "nosuid", "nodev", "noexec", "relatime"),
                List.of(),
                List.of()));
      }
    }
    return mounts;
  }

  private List<String> arguments() {
    List<String> arguments = new ArrayList<>(image.entrypoint());
    arguments.addAll(image.command());
    // An image may leave the program to its user; a shell is what they would ask for first.
    return arguments.isEmpty() ? List.of("sh") : arguments;
  }

  // The image's variables win over those of the profile, each in the place of the first.
  private List<String> environment(boolean terminal) {
    Map<String, String> variables = new LinkedHashMap<>();
    boolean first = defaults.environment().size() > 1;
    if (first) {
      defaults.environment().forEach(each -> put(variables, each, true));
    }
    image.environment().forEach(each -> put(variables, each, true));
    if (!first) {
      defaults.environment().forEach(each -> put(variables, each, false));
    }
    if (terminal) {
      put(variables, "TERM=xterm", false);
    }
    if (request.options().profile() == Profile.UMOCI && !home.isEmpty()) {
      put(variables, "HOME=" + home, true);
    }
    return List.copyOf(variables.values());
  }

  private static void put(Map<String, String> variables, String variable, boolean wins) {
    int equals = variable.indexOf('=');
    String name = equals < 0 ? variable : variable.substring(0, equals);
    if (wins) {
      variables.put(name, variable);
    } else {
      variables.putIfAbsent(name, variable);
    }
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

  private Map<String, String> annotations() {
    Map<String, String> annotations = new LinkedHashMap<>();
    String prefix = "org.opencontainers.image.";
    for (Map.Entry<String, String> field : image.origin().entrySet()) {
      putUnlessEmpty(annotations, prefix + field.getKey(), field.getValue());
    }
    putUnlessEmpty(annotations, prefix + "exposedPorts", String.join(",", image.exposedPorts()));
    putUnlessEmpty(annotations, prefix + "stopSignal", image.stopSignal());
    if (request.options().profile() == Profile.UMOCI) {
      // It writes these also where the image says nothing.
      for (String field : List.of("architecture", "author", "exposedPorts", "os", "stopSignal")) {
        annotations.putIfAbsent(prefix + field, "");
      }
    }
    // conversion.md: labels win over what is implied.
    for (Map.Entry<String, String> label : image.labels().entrySet()) {
      boolean control = CONTROL_LABELS.stream().anyMatch(label.getKey()::startsWith);
      if (!control && !label.getKey().isEmpty()) {
        annotations.put(label.getKey(), label.getValue());
      }
    }
    return annotations;
  }

  private static void putUnlessEmpty(Map<String, String> annotations, String key, String value) {
    if (!value.isEmpty()) {
      annotations.put(key, value);
    }
  }
}
