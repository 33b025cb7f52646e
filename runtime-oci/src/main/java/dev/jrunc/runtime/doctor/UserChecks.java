package dev.jrunc.runtime.doctor;

import dev.jrunc.runtime.capability.Capability;
import dev.jrunc.spec.Separated;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What this user may do: user namespaces, ids in them, capabilities. */
final class UserChecks {
  private static final String NAMESPACES = "user namespaces";
  private static final String CAPABILITIES = "capabilities";

  /** Without one of these runc's default config fails, whatever its program is. */
  private static final List<String> NEEDED =
      List.of("CAP_SYS_ADMIN", "CAP_SETPCAP", "CAP_SETGID", "CAP_NET_ADMIN");

  private static final String MORE =
      "start it with more: outside of a container, or in one that is privileged";

  private final Host host;
  private final Checks checks;

  UserChecks(Host host, Checks checks) {
    this.host = host;
    this.checks = checks;
  }

  void run() {
    userNamespaces();
    if (host.uid() == 0) {
      root();
      capabilities();
    } else {
      ranges("uid ranges", "newuidmap", "/etc/subuid", "--add-subuids");
      ranges("gid ranges", "newgidmap", "/etc/subgid", "--add-subgids");
    }
  }

  private void userNamespaces() {
    boolean root = host.uid() == 0;
    if (!host.exists("/proc/self/ns/user")) {
      refused("this kernel has none", "run a kernel with CONFIG_USER_NS");
    } else if ("0".equals(host.text("/proc/sys/user/max_user_namespaces"))) {
      refused(
          "user.max_user_namespaces is 0: nobody may make any",
          "as root: sysctl -w user.max_user_namespaces=15000");
    } else if (!root && "0".equals(host.text("/proc/sys/kernel/unprivileged_userns_clone"))) {
      refused(
          "kernel.unprivileged_userns_clone is 0: only root may make any",
          "as root: sysctl -w kernel.unprivileged_userns_clone=1");
    } else if (!root && apparmorRestricts()) {
      refused(
          "kernel.apparmor_restrict_unprivileged_userns is 1: only programs whose AppArmor profile"
              + " allows it may make any",
          "as root: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or load a profile for"
              + " jrunc with the rule userns");
    } else {
      checks.ok(NAMESPACES, root ? "for containers that ask for one" : "this user may make them");
    }
  }

  // Where a profile is on us, it is the profile that decides, and it is not to be read.
  private boolean apparmorRestricts() {
    String label = host.text("/proc/self/attr/current");
    return "1".equals(host.text("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"))
        && (label == null || label.startsWith("unconfined"));
  }

  // Root's containers have one only if their config says so.
  private void refused(String what, String mend) {
    if (host.uid() == 0) {
      checks.limited(NAMESPACES, what, mend);
    } else {
      checks.missing(NAMESPACES, what, mend);
    }
  }

  private void ranges(String name, String program, String file, String flag) {
    String user = userName();
    String range = range(file, user);
    if (host.idMapProgram(program) == null) {
      checks.limited(
          name, "no " + program + ": containers have one id, your own", "install uidmap");
    } else if (range == null) {
      String called = user == null ? Long.toString(host.uid()) : user;
      checks.limited(
          name,
          file + " gives this user no range: containers have one id, your own",
          "as root: usermod " + flag + " 100000-165535 " + called + ", with ids of nobody else");
    } else {
      checks.ok(name, program + " may map " + range + " of " + file);
    }
  }

  // subuid(5): name or uid:first:count
  private @Nullable String range(String file, @Nullable String user) {
    String text = host.text(file);
    if (text == null) {
      return null;
    }
    StringBuilder ranges = new StringBuilder();
    for (String line : Separated.by('\n', text)) {
      List<String> fields = Separated.by(':', line);
      if (fields.size() == 3
          && (fields.get(0).equals(user) || fields.get(0).equals(Long.toString(host.uid())))) {
        ranges.append(ranges.isEmpty() ? "" : ", ");
        ranges.append(fields.get(2)).append(" ids from ").append(fields.get(1)).append(" on");
      }
    }
    return ranges.isEmpty() ? null : ranges.toString();
  }

  // passwd(5): name:password:uid:gid:comment:home:shell
  private @Nullable String userName() {
    String text = host.text("/etc/passwd");
    for (String line : Separated.by('\n', text == null ? "" : text)) {
      List<String> fields = Separated.by(':', line);
      if (fields.size() > 2 && fields.get(2).equals(Long.toString(host.uid()))) {
        return fields.get(0);
      }
    }
    return null;
  }

  // user_namespaces(7): the whole range is mapped where nobody made a namespace.
  private void root() {
    String map = host.text("/proc/self/uid_map");
    if (map == null || map.endsWith(" 4294967295")) {
      checks.ok("root", "root of the host");
    } else {
      checks.limited(
          "root",
          "root of a user namespace alone: no devices are made or limited, and there are only the ids"
              + " of its map",
          "run as root of the host, or with a config of jrunc spec --rootless");
    }
  }

  private void capabilities() {
    List<String> lacking = Capability.names(every() & ~set("CapEff:"));
    List<String> needed = new ArrayList<>(NEEDED);
    needed.retainAll(lacking);
    String names = "this process lacks " + String.join(", ", lacking);
    if (!needed.isEmpty()) {
      checks.missing(
          CAPABILITIES,
          names + ": every container needs " + String.join(", ", needed) + " to be made",
          MORE);
    } else if (!lacking.isEmpty()) {
      checks.limited(
          CAPABILITIES, names + ": a container that asks for any of it, or needs it, fails", MORE);
    } else {
      checks.ok(CAPABILITIES, "this process has all that this kernel knows");
    }
  }

  private long every() {
    String last = host.text("/proc/sys/kernel/cap_last_cap");
    int highest = last == null ? Capability.COUNT - 1 : Integer.parseInt(last);
    return (1L << Math.min(highest + 1, Capability.COUNT)) - 1;
  }

  // proc_pid_status(5): hexadecimal, without a prefix.
  private long set(String key) {
    String status = host.text("/proc/self/status");
    for (String line : Separated.by('\n', status == null ? "" : status)) {
      if (line.startsWith(key)) {
        return Long.parseLong(line.substring(key.length()).trim(), 16);
      }
    }
    return 0;
  }
}
