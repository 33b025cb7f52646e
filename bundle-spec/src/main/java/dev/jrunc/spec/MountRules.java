package dev.jrunc.spec;

import java.util.List;

/** The rules of mounts. */
final class MountRules {
  private MountRules() {}

  static void check(List<Mount> mounts, OwnNamespaces namespaces, Findings found) {
    for (int i = 0; i < mounts.size(); i++) {
      Mount mount = mounts.get(i);
      String pointer = "/mounts/" + i;
      String destination = mount.destination();
      if (destination.isEmpty()) {
        found.rule(pointer + "/destination", "a mount needs a destination", "");
      } else if (!destination.startsWith("/")) {
        found.remark(
            pointer + "/destination",
            "relative destination path is deprecated, using it as relative to /",
            "\"/" + destination + "\"");
      }
      if (ContainerPath.clean(destination).equals("/") && !namespaces.has(NamespaceType.MOUNT)) {
        found.rule(
            pointer + "/destination",
            "a mount over the root needs a mount namespace",
            OwnNamespaces.advice(NamespaceType.MOUNT));
      }
      if (!found.isDoubtful(pointer)) {
        overProc(pointer, mount, found);
        idMapped(pointer, mount, namespaces, found);
      }
    }
  }

  private static void idMapped(
      String pointer, Mount mount, OwnNamespaces namespaces, Findings found) {
    boolean uids = !mount.uidMappings().isEmpty();
    boolean gids = !mount.gidMappings().isEmpty();
    boolean asked = mount.options().contains("idmap") || mount.options().contains("ridmap");
    if (!uids && !gids && !asked) {
      return;
    }
    // config.md "Mounts", idmap: without mappings of its own those of the container may be used.
    boolean implied = !uids && !gids && namespaces.has(NamespaceType.USER);
    if (uids != gids || (!uids && !implied)) {
      found.rule(
          pointer,
          "id-mapped mounts must have both uid and gid mappings specified",
          "or a user namespace, whose mappings are used then");
    }
    if (!isBind(mount)) {
      found.rule(pointer, "id-mapped mounts are only supported for bind-mounts", "");
    }
    IdMappingRules.check(mount.uidMappings(), pointer + "/uidMappings", found);
    IdMappingRules.check(mount.gidMappings(), pointer + "/gidMappings", found);
  }

  private static boolean isBind(Mount mount) {
    return "bind".equals(mount.type())
        || mount.options().contains("bind")
        || mount.options().contains("rbind");
  }

  // CVE-2019-16884, CVE-2023-27561: over /proc, a mount could take the place of the files that a
  // runtime writes security settings to.
  private static void overProc(String pointer, Mount mount, Findings found) {
    String path = ContainerPath.clean(mount.destination());
    if (path.equals("/proc")) {
      boolean procfs = "proc".equals(mount.type());
      boolean bind = isBind(mount);
      if (!procfs && !bind) {
        found.rule(
            pointer + "/destination",
            "\"" + mount.destination() + "\" cannot be mounted because it is not of type proc",
            "");
      }
      return;
    }
    if (!path.startsWith("/proc/")) {
      return;
    }
    switch (path.substring(6)) {
      case "cpuinfo",
          "diskstats",
          "meminfo",
          "stat",
          "swaps",
          "uptime",
          "loadavg",
          "slabinfo",
          "sys/kernel/ns_last_pid",
          "sys/crypto/fips_enabled" -> {}
      default ->
          found.rule(
              pointer + "/destination",
              "\"" + mount.destination() + "\" cannot be mounted because it is inside /proc",
              "");
    }
  }
}
