package dev.jrunc.runtime.cgroup;

import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.Resources;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a user without root may do with cgroups: make groups below those that were given to him, and
 * none elsewhere. As with runc, a container whose config names no group runs without those that
 * cannot be made, and is refused if it asks for a limit of one of them.
 */
public final class Delegation {
  static final String MEND =
      "have a group delegated to this user (systemd-run --user --scope -p Delegate=yes), run as root,"
          + " or do without limits";

  private static final int ENTER_AND_WRITE = 3;

  private final CgroupPaths wanted;
  private final CgroupPaths granted;

  private Delegation(CgroupPaths wanted, CgroupPaths granted) {
    this.wanted = wanted;
    this.granted = granted;
  }

  public static Delegation of(Linux linux, CgroupPaths wanted) {
    return of(wanted, directory -> mayMake(linux, directory));
  }

  /** As above, by whoever knows whether a directory can be made at a path. */
  public static Delegation of(CgroupPaths wanted, Predicate<String> mayMake) {
    Map<String, String> granted = new LinkedHashMap<>();
    for (Map.Entry<String, String> each : wanted.byController().entrySet()) {
      if (mayMake.test(each.getValue())) {
        granted.put(each.getKey(), each.getValue());
      }
    }
    // Alone it would look like a host with version 2 alone.
    if (wanted.layout() == CgroupLayout.V1 && granted.size() == 1) {
      granted.remove(CgroupHost.UNIFIED);
    }
    return new Delegation(wanted, new CgroupPaths(granted));
  }

  /** Whether a directory can be made there: the nearest that is there decides. */
  public static boolean mayMake(Linux linux, String directory) {
    for (String above = CgroupPaths.parent(directory); ; above = CgroupPaths.parent(above)) {
      long result = linux.files().accessRaw(linux.currentDirectory(), above, ENTER_AND_WRITE);
      if (result != -Errno.ENOENT || above.equals("/")) {
        return result >= 0;
      }
    }
  }

  public CgroupPaths granted() {
    return granted;
  }

  /** Without the rules for devices, which are root's to make; or the refusal, in runc's words. */
  public CgroupLimits limits(@Nullable Resources resources) {
    CgroupLimits limits =
        resources == null
            ? new CgroupLimits(java.util.List.of(), null)
            : CgroupLimits.ofUpdate(wanted.layout(), resources);
    for (CgroupWrite write : limits.writes()) {
      String directory = wanted.directory(write.controller());
      if (directory != null && !granted.byController().containsValue(directory)) {
        throw refusal(write, directory);
      }
    }
    return limits;
  }

  /** A limit in a group that the container does not have, in runc's words. */
  static Failure refusal(CgroupWrite write, String directory) {
    return Failure.of(
            Failure.Code.SYSTEM,
            "cannot set "
                + write.controller()
                + " limit: container could not join or create cgroup")
        .phase("cgroup")
        .pointer(write.pointer())
        .path(directory)
        .errno(Errno.EACCES)
        .hint(MEND)
        .build();
  }
}
