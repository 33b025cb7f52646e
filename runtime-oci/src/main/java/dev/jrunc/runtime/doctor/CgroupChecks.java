package dev.jrunc.runtime.doctor;

import dev.jrunc.runtime.cgroup.CgroupHost;
import dev.jrunc.runtime.cgroup.CgroupLayout;
import dev.jrunc.runtime.cgroup.CgroupPaths;
import dev.jrunc.runtime.cgroup.Delegation;
import dev.jrunc.runtime.cgroup.Hierarchy;
import dev.jrunc.runtime.inspection.HostFiles;
import dev.jrunc.runtime.systemd.Systemd;
import java.util.ArrayList;
import java.util.List;

/** Which limits there are, who may set them, and whether systemd could. */
final class CgroupChecks {
  private static final String LIMITS = "cgroup limits";

  /** What is asked for most. The kernel's lists name them as on v2. */
  private static final List<String> WANTED = List.of("cpu", "cpuset", "io", "memory", "pids");

  private final Host host;
  private final Checks checks;

  CgroupChecks(Host host, Checks checks) {
    this.host = host;
    this.checks = checks;
  }

  void run() {
    CgroupHost cgroups = host.cgroups();
    if (cgroups == null) {
      missing(
          "cgroups",
          "no cgroup hierarchy is mounted",
          "mount one: mount -t cgroup2 none /sys/fs/cgroup");
    } else {
      controllers(cgroups);
      limits(cgroups);
    }
    systemd();
  }

  // Without root a container goes without those that cannot be made.
  private void missing(String name, String what, String mend) {
    if (host.uid() == 0) {
      checks.missing(name, what, mend);
    } else {
      checks.limited(name, what, mend);
    }
  }

  private void controllers(CgroupHost cgroups) {
    String there = there(cgroups);
    String layout =
        cgroups.layout() == CgroupLayout.V2
            ? "version 2"
            : cgroups.hierarchy(CgroupHost.UNIFIED) == null ? "version 1" : "hybrid";
    StringBuilder none = new StringBuilder();
    for (String controller : WANTED) {
      if (!HostFiles.hasWord(there, controller)) {
        none.append(none.isEmpty() ? "" : ", ").append(controller);
      }
    }
    if (none.isEmpty()) {
      checks.ok("cgroups", layout + " with " + there);
    } else {
      checks.limited(
          "cgroups",
          layout + " with " + (there.isEmpty() ? "no controller" : there) + ", without " + none,
          cgroups.layout() == CgroupLayout.V2
              ? "have them switched on in cgroup.subtree_control of the groups above, and no"
                  + " hierarchy of version 1 use them"
              : "mount them, and look in /proc/cgroups whether they are switched on");
    }
  }

  private String there(CgroupHost cgroups) {
    if (cgroups.layout() == CgroupLayout.V2) {
      String text = host.text(base(cgroups) + "/cgroup.controllers");
      return text == null ? "" : text;
    }
    StringBuilder words = new StringBuilder();
    for (Hierarchy hierarchy : cgroups.hierarchies()) {
      for (String controller : hierarchy.controllers()) {
        if (!controller.isEmpty() && !controller.startsWith("name=")) {
          words.append(words.isEmpty() ? "" : " ");
          words.append(controller.equals("blkio") ? "io" : controller);
        }
      }
    }
    return words.toString();
  }

  // On v2 root can hand controllers down from the top, and others have what was handed to them.
  private String base(CgroupHost cgroups) {
    String directory = CgroupPaths.of(cgroups, null, "container").directory(CgroupHost.UNIFIED);
    return host.uid() == 0 || directory == null
        ? cgroups.hierarchies().get(0).mountPoint()
        : directory.substring(0, directory.lastIndexOf('/'));
  }

  private void limits(CgroupHost cgroups) {
    CgroupPaths paths = CgroupPaths.of(cgroups, null, "container");
    CgroupPaths granted = Delegation.of(paths, host::mayMake).granted();
    List<String> out = new ArrayList<>(paths.byController().keySet());
    out.removeAll(granted.byController().keySet());
    boolean none = granted.byController().isEmpty();
    if (out.isEmpty()) {
      checks.ok(LIMITS, "groups for containers can be made below this process's own");
    } else if (host.uid() == 0) {
      checks.missing(
          LIMITS,
          "no groups can be made: " + paths.byController().get(out.get(0)) + " is out of reach",
          "mount the hierarchy for writing: mount -o remount,rw, or run outside of a container");
    } else {
      checks.limited(
          LIMITS,
          none
              ? "no group is delegated to this user: containers run without limits"
              : "some groups are not delegated to this user: " + String.join(", ", out),
          cgroups.layout() == CgroupLayout.V2
              ? "start it with systemd-run --user --scope -p Delegate=yes, or with --systemd-cgroup"
              : "as root: give this user a group in each hierarchy, or use cgroups of version 2");
    }
  }

  private void systemd() {
    if (!host.exists(Systemd.BOOTED)) {
      checks.limited(
          "systemd",
          "this host was not booted with systemd: --systemd-cgroup cannot work",
          "leave --systemd-cgroup out");
    } else if (host.uid() != 0 && !session()) {
      checks.limited(
          "systemd",
          "this user has no session of systemd: --systemd-cgroup cannot work",
          "log in through systemd, or as root: loginctl enable-linger; and set XDG_RUNTIME_DIR");
    } else {
      checks.ok("systemd", "there for --systemd-cgroup");
    }
  }

  private boolean session() {
    String folder = host.variable("XDG_RUNTIME_DIR");
    return host.variable("DBUS_SESSION_BUS_ADDRESS") != null
        || (folder != null
            && (host.exists(folder + "/systemd/private") || host.exists(folder + "/bus")));
  }
}
