package dev.jrunc.runtime.doctor;

import dev.jrunc.runtime.inspection.HostFiles;
import java.util.List;

/** Filters of system calls, security modules, and shares of the cache. */
final class SecurityChecks {
  private static final List<String> ACTIONS =
      List.of(
          "allow", "errno", "kill_thread", "kill_process", "trap", "trace", "log", "user_notif");

  private final Host host;
  private final Checks checks;

  SecurityChecks(Host host, Checks checks) {
    this.host = host;
    this.checks = checks;
  }

  void run() {
    seccomp();
    apparmor();
    if (host.exists("/sys/fs/selinux/enforce")) {
      checks.ok("selinux", "on, for process.selinuxLabel");
    } else {
      checks.limited(
          "selinux", "not on this host, or switched off", "leave process.selinuxLabel out");
    }
    if (host.resctrlMounted()) {
      checks.ok("resctrl", "mounted, for linux.intelRdt");
    } else {
      checks.limited(
          "resctrl",
          "not mounted: linux.intelRdt cannot work",
          host.exists("/sys/fs/resctrl")
              ? "as root: mount -t resctrl resctrl /sys/fs/resctrl"
              : "leave linux.intelRdt out: this processor or kernel has none");
    }
  }

  private void seccomp() {
    String available = host.text("/proc/sys/kernel/seccomp/actions_avail");
    if (available == null) {
      checks.limited(
          "seccomp",
          "this kernel has no seccomp filters",
          "run a kernel with CONFIG_SECCOMP_FILTER, or leave linux.seccomp out");
      return;
    }
    StringBuilder none = new StringBuilder();
    for (String action : ACTIONS) {
      if (!HostFiles.hasWord(available, action)) {
        none.append(none.isEmpty() ? "" : ", ").append(action);
      }
    }
    if (none.isEmpty()) {
      checks.ok("seccomp", "filters with all actions");
    } else {
      checks.limited("seccomp", "this kernel does not know the action " + none, "run a newer one");
    }
  }

  private void apparmor() {
    String enabled = host.text("/sys/module/apparmor/parameters/enabled");
    if (enabled == null || !enabled.startsWith("Y")) {
      checks.limited(
          "apparmor", "not on this host, or switched off", "leave process.apparmorProfile out");
    } else {
      checks.ok("apparmor", "on, for process.apparmorProfile");
    }
  }
}
