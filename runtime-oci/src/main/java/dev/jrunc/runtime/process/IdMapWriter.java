package dev.jrunc.runtime.process;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.IdMapping;
import java.util.List;

/**
 * Writes the maps of a child's new user namespace, from the parent: each can be written once, and
 * the child, without a map, may do nothing that needs an id.
 */
public final class IdMapWriter {
  private static final int CAP_SETGID = 6;
  private static final int CAP_SETUID = 7;

  private final Linux linux;

  public IdMapWriter(Linux linux) {
    this.linux = linux;
  }

  /**
   * Writes both maps of {@code pid}, a child of this process that has not been waited for.
   *
   * @param at the JSON pointer of the object that holds them
   */
  public void write(int pid, List<IdMapping> users, List<IdMapping> groups, String at) {
    long effective = linux.credentials().capabilities().effective();
    if (!users.isEmpty()) {
      String pointer = at + "/uidMappings";
      if (has(effective, CAP_SETUID) || isOne(users, linux.credentials().effectiveUid())) {
        writeMap(pid, "uid_map", users, pointer);
      } else {
        IdMapTool.ofUsers(linux).write(pid, users, pointer);
      }
    }
    if (!groups.isEmpty()) {
      String pointer = at + "/gidMappings";
      if (has(effective, CAP_SETGID)) {
        writeMap(pid, "gid_map", groups, pointer);
      } else if (isOne(groups, linux.credentials().gid())) {
        // Since Linux 3.19: without CAP_SETGID the map is only taken when setgroups(2) is given up,
        // because dropping a group could gain access.
        put(pid, "setgroups", "deny", pointer);
        writeMap(pid, "gid_map", groups, pointer);
      } else {
        IdMapTool.ofGroups(linux).write(pid, groups, pointer);
      }
    }
  }

  private static boolean has(long effective, int capability) {
    return (effective & (1L << capability)) != 0;
  }

  /** The one map that needs no rights at all: a single id, the caller's own. */
  private static boolean isOne(List<IdMapping> mappings, int own) {
    return mappings.size() == 1
        && mappings.get(0).size() == 1
        && mappings.get(0).hostId() == (own & 0xffffffffL);
  }

  private void writeMap(int pid, String file, List<IdMapping> mappings, String pointer) {
    put(pid, file, text(mappings), pointer);
  }

  /** One line a range: first id inside, first id outside, how many. */
  static String text(List<IdMapping> mappings) {
    StringBuilder text = new StringBuilder();
    for (IdMapping mapping : mappings) {
      text.append(mapping.containerId()).append(' ').append(mapping.hostId()).append(' ');
      text.append(mapping.size()).append('\n');
    }
    return text.toString();
  }

  private void put(int pid, String file, String content, String pointer) {
    String path = "/proc/" + pid + "/" + file;
    long result = linux.files().openRaw(linux.currentDirectory(), path, OpenFlags.WRONLY, 0);
    if (result >= 0) {
      try (Descriptor target = new Descriptor(linux.gate(), (int) result)) {
        result = linux.streams().writeOnceRaw(target, content);
      }
    }
    if (result < 0) {
      int errno = (int) -result;
      String hint =
          switch (errno) {
            case Errno.EPERM -> "only root may map ids other than its own";
            case Errno.EINVAL -> "ranges must not overlap, and there may be 340 of them at most";
            default -> "";
          };
      throw Failure.of(
              Failure.Code.SYSTEM, "unable to write \"" + path + "\": " + Errno.message(errno))
          .phase("user namespace")
          .pointer(pointer)
          .path(path)
          .errno(errno)
          .hint(hint)
          .build();
    }
  }
}
