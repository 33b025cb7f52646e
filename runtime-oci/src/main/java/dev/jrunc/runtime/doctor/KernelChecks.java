package dev.jrunc.runtime.doctor;

import dev.jrunc.runtime.inspection.HostFiles;
import java.util.List;

/** The kernel's age, and what it may have been built without. */
final class KernelChecks {
  // mount_setattr(2) is of 5.12, and the youngest call that every container needs.
  private static final int MAJOR = 5;
  private static final int MINOR = 12;

  /** Files below /proc/self/ns, as runc's default config needs them and with their full names. */
  private static final List<String> USUAL = List.of("mnt", "pid", "net", "ipc", "uts", "cgroup");

  private static final List<String> FURTHER = List.of("user", "time");

  private final Host host;
  private final Checks checks;

  KernelChecks(Host host, Checks checks) {
    this.host = host;
    this.checks = checks;
  }

  void run() {
    String release = host.text("/proc/sys/kernel/osrelease");
    if (release == null) {
      checks.missing("kernel", "/proc cannot be read", "mount it: mount -t proc proc /proc");
      return;
    }
    if (isOlder(release)) {
      checks.missing(
          "kernel",
          "Linux " + release + " is older than " + MAJOR + "." + MINOR,
          "run a newer kernel");
    } else {
      checks.ok("kernel", "Linux " + release);
    }
    namespaces();
    overlay();
  }

  private static boolean isOlder(String release) {
    int dot = release.indexOf('.');
    int major = number(release, 0);
    int minor = dot < 0 ? 0 : number(release, dot + 1);
    return major < MAJOR || (major == MAJOR && minor < MINOR);
  }

  private static int number(String text, int start) {
    int value = 0;
    for (int i = start; i < text.length() && i < start + 4; i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        break;
      }
      value = value * 10 + (c - '0');
    }
    return value;
  }

  private void namespaces() {
    String usual = without(USUAL);
    String further = without(FURTHER);
    if (!usual.isEmpty()) {
      checks.missing(
          "namespaces",
          "this kernel has no namespaces of the kind " + usual,
          "run a kernel with CONFIG_NAMESPACES and all kinds of them");
    } else if (!further.isEmpty()) {
      checks.limited(
          "namespaces",
          "this kernel has no namespaces of the kind " + further,
          "run a kernel with CONFIG_USER_NS and CONFIG_TIME_NS");
    } else {
      checks.ok("namespaces", "this kernel has all eight kinds");
    }
  }

  private String without(List<String> names) {
    StringBuilder none = new StringBuilder();
    for (String name : names) {
      if (!host.exists("/proc/self/ns/" + name)) {
        none.append(none.isEmpty() ? "" : ", ").append(name);
      }
    }
    return none.toString();
  }

  private void overlay() {
    String types = host.text("/proc/filesystems");
    if (types != null && HostFiles.hasWord(types, "overlay")) {
      checks.ok("overlay", "overlay mounts, for bundles of jimage bundle --mode overlay");
    } else {
      checks.limited(
          "overlay",
          "this kernel has no overlay file system at the moment",
          "modprobe overlay, or make bundles that are copies");
    }
  }
}
