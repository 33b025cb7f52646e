package dev.jrunc.runtime.cgroup;

import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.Separated;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Gives a group of version 2 to the user of a container, see "Cgroup ownership" of config-linux: a
 * systemd inside can then make groups below it, and cannot raise the limits above it.
 */
final class CgroupDelegation {
  private static final String LIST = "/sys/kernel/cgroup/delegate";

  /** What there was to hand over before Linux 4.15, which has no list. */
  private static final List<String> OLDEST =
      List.of("cgroup.procs", "cgroup.subtree_control", "cgroup.threads");

  private final CgroupFiles files;

  CgroupDelegation(CgroupFiles files) {
    this.files = files;
  }

  void hand(String directory, long uid) {
    own(directory, uid, false);
    for (String name : list()) {
      if (!name.isEmpty()) {
        own(directory + "/" + name, uid, true);
      }
    }
  }

  private List<String> list() {
    if (!files.exists(LIST)) {
      return OLDEST;
    }
    String text = new String(files.readWhole(LIST), StandardCharsets.ISO_8859_1);
    return Separated.by('\n', text);
  }

  // A controller that is not there has none of its files.
  private void own(String path, long uid, boolean mayBeMissing) {
    try {
      files.linux().files().chown(files.linux().currentDirectory(), path, uid, -1, 0);
    } catch (SyscallFailed e) {
      if (mayBeMissing && e.errno() == Errno.ENOENT) {
        return;
      }
      throw Failure.of(
              Failure.Code.SYSTEM,
              "cannot give cgroup \"" + path + "\" to its user: " + Errno.message(e.errno()))
          .phase("cgroup")
          .pointer("/process/user/uid")
          .path(path)
          .errno(e.errno())
          .because(e);
    }
  }
}
