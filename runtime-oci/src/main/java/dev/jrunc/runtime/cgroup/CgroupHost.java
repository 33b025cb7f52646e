package dev.jrunc.runtime.cgroup;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.FileSystemStatus;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.runtime.error.Failure;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The hierarchies of this host and where this process is in them. */
public record CgroupHost(CgroupLayout layout, List<Hierarchy> hierarchies) {
  /** The name of the unified hierarchy among controllers, as in runc's state. */
  public static final String UNIFIED = "";

  private static final String ROOT = "/sys/fs/cgroup";

  public CgroupHost {
    hierarchies = List.copyOf(hierarchies);
  }

  /**
   * Asks the kernel. On v2 one statfs(2) and one small file do; only on v1 is the whole mount table
   * read, since it grows with every container on the host.
   */
  public static CgroupHost detect(Linux linux) {
    CgroupFiles files = new CgroupFiles(linux);
    byte[] own = files.readWhole("/proc/self/cgroup");
    long opened =
        linux
            .files()
            .openRaw(linux.currentDirectory(), ROOT, OpenFlags.PATH | OpenFlags.DIRECTORY, 0);
    if (opened >= 0) {
      try (Descriptor root = new Descriptor(linux.gate(), (int) opened)) {
        if (linux.files().fileSystem(root).type() == FileSystemStatus.CGROUP2_MAGIC) {
          return new CgroupHost(
              CgroupLayout.V2, List.of(new Hierarchy(List.of(UNIFIED), ROOT, ownUnified(own))));
        }
      }
    }
    return HostTexts.parse(files.readWhole("/proc/self/mountinfo"), own);
  }

  private static String ownUnified(byte[] own) {
    String path = HostTexts.ownPath(own, UNIFIED);
    return path == null ? "/" : path;
  }

  /** The hierarchy of {@code controller}, or null where it is not mounted. */
  public @Nullable Hierarchy hierarchy(String controller) {
    for (Hierarchy hierarchy : hierarchies) {
      if (hierarchy.controllers().contains(controller)) {
        return hierarchy;
      }
    }
    return null;
  }

  static Failure noneMounted() {
    return Failure.of(Failure.Code.UNSUPPORTED, "no cgroup hierarchy is mounted")
        .phase("cgroup")
        .path(ROOT)
        .hint("mount one: mount -t cgroup2 none /sys/fs/cgroup")
        .build();
  }
}
