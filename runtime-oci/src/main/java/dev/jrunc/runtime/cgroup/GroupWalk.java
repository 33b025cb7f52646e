package dev.jrunc.runtime.cgroup;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import java.util.ArrayList;
import java.util.List;

/**
 * A walk over a group and all groups below it, from handle to handle. A container that may make
 * groups nests them as deep as it likes and by names as long as it likes, and must not hide in
 * them: so there is no path that could become too long, no recursion, and one handle at a time. The
 * way up is "..", since the kernel moves no group below another.
 */
final class GroupWalk {
  private static final int FLAGS = OpenFlags.RDONLY | OpenFlags.DIRECTORY | OpenFlags.NOFOLLOW;

  private final Linux linux;
  private final Visitor visitor;
  private final List<String> way = new ArrayList<>();
  private final List<List<String>> left = new ArrayList<>();

  /** Who is shown the groups. */
  interface Visitor {
    /** A group, before those below it. */
    default void enter(Descriptor group) {}

    /** A group after those below it, by its name in the one above; not the top of the walk. */
    default void leave(Descriptor above, String name) {}
  }

  private GroupWalk(CgroupFiles files, Visitor visitor) {
    this.linux = files.linux();
    this.visitor = visitor;
  }

  /** Walks from the group at {@code top}; nothing where there is none. */
  static void over(CgroupFiles files, String top, Visitor visitor) {
    long opened = files.linux().files().openRaw(files.anywhere(), top, FLAGS, 0);
    if (CgroupFiles.gone(opened)) {
      return;
    }
    if (opened < 0) {
      throw new SyscallFailed(SystemCall.OPENAT, top, (int) -opened);
    }
    new GroupWalk(files, visitor).walk(new Descriptor(files.linux().gate(), (int) opened));
  }

  private void walk(Descriptor top) {
    Descriptor here = top;
    try {
      enter(here);
      while (!left.isEmpty()) {
        here = step(here);
      }
    } finally {
      here.close();
    }
  }

  private Descriptor step(Descriptor here) {
    List<String> names = left.get(left.size() - 1);
    if (names.isEmpty()) {
      left.remove(left.size() - 1);
      return left.isEmpty() ? here : up(here);
    }
    String name = names.remove(names.size() - 1);
    long opened = linux.files().openRaw(here, name, FLAGS, 0);
    if (CgroupFiles.gone(opened)) {
      return here; // It went just now.
    }
    if (opened < 0) {
      throw new SyscallFailed(SystemCall.OPENAT, name, (int) -opened);
    }
    here.close();
    Descriptor below = new Descriptor(linux.gate(), (int) opened);
    way.add(name);
    enter(below);
    return below;
  }

  private Descriptor up(Descriptor here) {
    Descriptor above = linux.files().open(here, "..", FLAGS, 0);
    here.close();
    visitor.leave(above, way.remove(way.size() - 1));
    return above;
  }

  // cgroupfs counts the groups below in the number of links, which saves listing some thirty files.
  private void enter(Descriptor group) {
    visitor.enter(group);
    FileStatus status = linux.files().status(group);
    left.add(status.links() > 2 ? linux.files().directories(group) : new ArrayList<>());
  }
}
