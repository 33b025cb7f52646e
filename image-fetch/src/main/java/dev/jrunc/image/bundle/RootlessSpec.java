package dev.jrunc.image.bundle;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.spec.IdMapping;
import dev.jrunc.spec.Linux;
import dev.jrunc.spec.Mount;
import dev.jrunc.spec.Namespace;
import dev.jrunc.spec.NamespaceType;
import dev.jrunc.spec.Process;
import dev.jrunc.spec.Spec;
import dev.jrunc.spec.User;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes a config for root into one that a user without root can run too, as {@code runc spec
 * --rootless} and umoci do: a user namespace with the maps that the files were made with, the
 * host's network and with it the host's /sys, no limits.
 */
final class RootlessSpec {
  private RootlessSpec() {}

  static Spec of(Spec spec, IdMaps ids) {
    Linux linux = spec.linux();
    Process process = spec.process();
    if (linux == null || process == null) {
      return spec;
    }
    checkMapped(process.user().uid(), ids.uids(), "user");
    checkMapped(process.user().gid(), ids.gids(), "group");
    List<Namespace> namespaces = new ArrayList<>();
    for (Namespace namespace : linux.namespaces()) {
      if (namespace.type() != NamespaceType.NETWORK) {
        namespaces.add(namespace);
      }
    }
    namespaces.add(new Namespace(NamespaceType.USER, null));
    boolean range = ids.gids().stream().mapToLong(IdMapping::size).sum() > 1;
    User user = process.user();
    // setgroups(2) is denied where a user maps the own id alone.
    User mapped = range ? user : new User(user.uid(), user.gid(), user.umask(), List.of());
    return new Spec(
        spec.ociVersion(),
        with(process, mapped),
        spec.root(),
        spec.hostname(),
        spec.domainname(),
        mounts(spec.mounts(), range),
        spec.hooks(),
        spec.annotations(),
        with(linux, namespaces, ids));
  }

  private static void checkMapped(long id, List<IdMapping> maps, String what) {
    for (IdMapping map : maps) {
      if (id >= map.containerId() && id < map.containerId() + map.size()) {
        return;
      }
    }
    throw new ImageFailure(
        "the image runs as "
            + what
            + " "
            + id
            + ", which no id of yours is mapped to; ask for a range in /etc/subuid and"
            + " /etc/subgid");
  }

  private static List<Mount> mounts(List<Mount> mounts, boolean range) {
    List<Mount> changed = new ArrayList<>();
    for (Mount mount : mounts) {
      if (mount.destination().equals("/sys")) {
        // sysfs may only be mounted by whoever owns the network namespace.
        changed.add(
            new Mount(
                "/sys",
                "none",
                "/sys",
                List.of("rbind", "nosuid", "noexec", "nodev", "ro"),
                List.of(),
                List.of()));
      } else if (range) {
        changed.add(mount);
      } else {
        List<String> options = new ArrayList<>(mount.options());
        options.removeIf(option -> option.startsWith("uid=") || option.startsWith("gid="));
        changed.add(ProfileDefaults.withOptions(mount, options));
      }
    }
    return changed;
  }

  private static Process with(Process process, User user) {
    return new Process(
        process.terminal(),
        process.consoleSize(),
        user,
        process.args(),
        process.env(),
        process.cwd(),
        process.capabilities(),
        process.rlimits(),
        process.noNewPrivileges(),
        process.apparmorProfile(),
        process.selinuxLabel(),
        process.oomScoreAdj(),
        process.scheduler(),
        process.ioPriority(),
        process.execCpuAffinity());
  }

  private static Linux with(Linux linux, List<Namespace> namespaces, IdMaps ids) {
    return new Linux(
        ids.uids(),
        ids.gids(),
        linux.sysctl(),
        null,
        linux.cgroupsPath(),
        namespaces,
        linux.devices(),
        linux.netDevices(),
        linux.seccomp(),
        linux.rootfsPropagation(),
        linux.maskedPaths(),
        linux.readonlyPaths(),
        linux.mountLabel(),
        linux.intelRdt(),
        linux.personality(),
        linux.timeOffsets(),
        linux.memoryPolicy());
  }
}
