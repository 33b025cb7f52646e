package dev.jrunc.spec;

import java.util.HashSet;
import java.util.Set;

/** The rules between namespaces and what is set up in them. */
final class NamespaceRules {
  private final Linux linux;
  private final OwnNamespaces own;
  private final Findings found;

  private NamespaceRules(Linux linux, OwnNamespaces own, Findings found) {
    this.linux = linux;
    this.own = own;
    this.found = found;
  }

  static void check(Linux linux, OwnNamespaces own, Findings found) {
    NamespaceRules rules = new NamespaceRules(linux, own, found);
    if (own.isKnown()) {
      rules.list();
    }
    rules.mount();
    rules.idMappings();
    rules.clocks();
    rules.network();
    rules.sysctl();
  }

  private void list() {
    Set<NamespaceType> seen = new HashSet<>();
    for (int i = 0; i < own.all().size(); i++) {
      Namespace namespace = own.all().get(i);
      String pointer = "/linux/namespaces/" + i;
      if (!seen.add(namespace.type())) {
        found.rule(
            pointer,
            "malformed spec file: duplicated ns \"" + namespace.type().wireName() + "\"",
            "remove one of the two");
      }
      String path = namespace.path();
      if (path != null && !path.startsWith("/")) {
        found.rule(
            pointer + "/path", "the path \"" + path + "\" of a namespace is not absolute", "");
      }
    }
  }

  private void mount() {
    if (own.has(NamespaceType.MOUNT)) {
      return;
    }
    String advice = OwnNamespaces.advice(NamespaceType.MOUNT);
    if (!linux.maskedPaths().isEmpty() || !linux.readonlyPaths().isEmpty()) {
      found.rule(
          "/linux/namespaces",
          "unable to restrict sys entries without a private MNT namespace",
          advice);
    } else if (own.has(NamespaceType.USER)) {
      found.rule(
          "/linux/namespaces",
          "a user namespace without a mount namespace has no right to mount anything",
          advice);
    } else {
      found.remark(
          "/linux/namespaces",
          "without a mount namespace the mounts are the host's until delete, and chroot(2) alone"
              + " keeps the container inside",
          advice);
    }
  }

  private void idMappings() {
    boolean uids = !linux.uidMappings().isEmpty();
    boolean gids = !linux.gidMappings().isEmpty();
    if ((uids || gids) && !own.has(NamespaceType.USER)) {
      found.rule(
          uids ? "/linux/uidMappings" : "/linux/gidMappings",
          "user namespace mappings specified, but user namespace isn't enabled in the config",
          OwnNamespaces.advice(NamespaceType.USER));
    }
    if (own.makes(NamespaceType.USER)) {
      if (!uids) {
        found.rule("/linux/uidMappings", "a new user namespace needs uidMappings", "");
      }
      if (!gids) {
        found.rule("/linux/gidMappings", "a new user namespace needs gidMappings", "");
      }
    }
    IdMappingRules.check(linux.uidMappings(), "/linux/uidMappings", found);
    IdMappingRules.check(linux.gidMappings(), "/linux/gidMappings", found);
  }

  private void clocks() {
    // The offsets of a time namespace are fixed once a process is in it.
    if (!linux.timeOffsets().isEmpty() && own.isKnown() && !own.makes(NamespaceType.TIME)) {
      found.rule(
          "/linux/timeOffsets",
          own.has(NamespaceType.TIME)
              ? "time namespace offsets specified, but the time namespace is joined by its path"
              : "time namespace offsets specified, but time namespace isn't enabled in the config",
          own.has(NamespaceType.TIME) ? "" : OwnNamespaces.advice(NamespaceType.TIME));
    }
    for (String clock : linux.timeOffsets().keySet()) {
      if (!clock.equals("monotonic") && !clock.equals("boottime")) {
        found.rule(
            "/linux/timeOffsets/" + PointerSegment.of(clock),
            "unknown clock \"" + clock + "\"",
            "monotonic or boottime");
      }
    }
  }

  private void network() {
    if (!linux.netDevices().isEmpty() && !own.has(NamespaceType.NETWORK)) {
      found.rule(
          "/linux/netDevices",
          "unable to move network devices without a private NET namespace",
          OwnNamespaces.advice(NamespaceType.NETWORK));
    }
    Set<String> names = new HashSet<>();
    linux
        .netDevices()
        .forEach((device, settings) -> {
          String pointer = "/linux/netDevices/" + PointerSegment.of(device);
          if (!isInterface(device)) {
            found.rule(pointer, "invalid network device name \"" + device + "\"", "");
          }
          String given = settings.name();
          String name = given == null ? device : given;
          boolean template = name.contains("%d");
          if (given != null && (!isInterface(name) || (name.contains("%") && !isTemplate(name)))) {
            found.rule(
                pointer + "/name",
                "invalid network device name \"" + name + "\"",
                "15 bytes at most, no / : or space; %d once for the first free number");
          } else if (!template && !names.add(name)) {
            found.rule(pointer, "two network devices get the name \"" + name + "\"", "");
          }
        });
  }

  // dev_valid_name of the kernel: IFNAMSIZ with its NUL is 16.
  private static boolean isInterface(String name) {
    if (name.isEmpty() || name.length() > 15 || name.equals(".") || name.equals("..")) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '/' || c == ':' || c <= ' ') {
        return false;
      }
    }
    return true;
  }

  // dev_alloc_name of the kernel: one %d and no other percent sign.
  private static boolean isTemplate(String name) {
    int percent = name.indexOf('%');
    return name.startsWith("%d", percent) && name.indexOf('%', percent + 1) < 0;
  }

  private void sysctl() {
    for (String key : linux.sysctl().keySet()) {
      String reason = SysctlRule.refusal(key, own);
      if (!reason.isEmpty()) {
        found.rule("/linux/sysctl/" + PointerSegment.of(key), reason, "");
      }
    }
  }
}
