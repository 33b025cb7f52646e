package dev.jrunc.runtime.process;

import dev.jrunc.kernel.CloneFlags;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.runtime.plan.MountIdMap;
import java.util.ArrayList;
import java.util.List;

/**
 * User namespaces in which nobody lives: they are there for their maps, which is the form in which
 * mount_setattr(2) takes the mapping of a mount. Mounts with the same maps share one.
 */
final class MappedUsers implements AutoCloseable {
  private record Made(MountIdMap map, Descriptor namespace) {}

  private final Linux linux;
  private final List<Made> made = new ArrayList<>();

  MappedUsers(Linux linux) {
    this.linux = linux;
  }

  /**
   * The namespace with these maps, open until this is closed.
   *
   * @param pointer of the mount
   */
  Descriptor namespace(MountIdMap map, String pointer) {
    for (Made other : made) {
      if (other.map().uids().equals(map.uids()) && other.map().gids().equals(map.gids())) {
        return other.namespace();
      }
    }
    Descriptor namespace = make(map, pointer);
    made.add(new Made(map, namespace));
    return namespace;
  }

  // A namespace begins with a process, and is written to from outside. Ours is ended once the file
  // of its namespace is open; should we end first, the end of the pipe tells it to go.
  private Descriptor make(MountIdMap map, String pointer) {
    Descriptor[] pipe = linux.streams().pipe();
    ProcessCalls.Clone clone = linux.processes().clone(CloneFlags.NEWUSER, null);
    if (clone.inChild()) {
      pipe[1].close();
      linux.streams().readRaw(pipe[0], new byte[1]);
      linux.processes().exit(0);
    }
    try {
      new IdMapWriter(linux).write(clone.pid(), map.uids(), map.gids(), pointer);
      return linux
          .files()
          .open(linux.currentDirectory(), "/proc/" + clone.pid() + "/ns/user", OpenFlags.RDONLY, 0);
    } finally {
      pipe[0].close();
      pipe[1].close();
      linux.processes().waitFor(clone.pid(), 0);
      if (clone.pidfd() != null) {
        clone.pidfd().close();
      }
    }
  }

  @Override
  public void close() {
    for (Made one : made) {
      one.namespace().close();
    }
  }
}
