package dev.jrunc.image.tree;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Removes a tree through handles: no link in it leads anywhere else, and what is mounted in it
 * stays. However deep it is, two descriptors are open: the way up is "..", which must be the folder
 * that was left.
 */
public final class TreeRemoval {
  private static final int FOLDER = OpenFlags.RDONLY | OpenFlags.DIRECTORY | OpenFlags.NOFOLLOW;
  private static final int INSIDE =
      OpenFlags.RESOLVE_BENEATH | OpenFlags.RESOLVE_NO_SYMLINKS | OpenFlags.RESOLVE_NO_XDEV;
  private static final int MOST_REASONS = 5;

  private final Linux linux;

  /** Names are bytes: an image may hold some that no charset has. */
  public TreeRemoval(Gate gate) {
    this.linux = Linux.over(gate, StandardCharsets.ISO_8859_1);
  }

  /**
   * As far as it can; what is not there is fine.
   *
   * @return the first of what stays, each with the reason; empty when all is gone
   */
  public List<String> remove(Descriptor folder, String name) {
    Removal removal = new Removal();
    try (removal) {
      removal.take(folder, name);
      while (removal.atWork()) {
        removal.step(folder);
      }
    }
    return List.copyOf(removal.stays);
  }

  /** A folder on the way down, with the names in it that are still to be removed. */
  private record Level(String name, FileStatus status, Deque<String> names) {}

  private final class Removal implements AutoCloseable {
    private final List<String> stays = new ArrayList<>();
    private final Deque<Level> way = new ArrayDeque<>(); // the innermost first
    private final Deque<Descriptor> current = new ArrayDeque<>(1);

    boolean atWork() {
      return !way.isEmpty();
    }

    /** Removes what is no folder, and goes into what is one. */
    void take(Descriptor folder, String name) {
      long removed = linux.files().unlinkRaw(folder, name, 0);
      if (removed >= 0 || removed == -Errno.ENOENT) {
        return;
      }
      long opened = linux.files().open2Raw(folder, name, FOLDER, 0, INSIDE);
      if (opened < 0) {
        stays(name, opened == -Errno.ENOTDIR ? removed : opened);
        return;
      }
      Descriptor inner = new Descriptor(linux.gate(), (int) opened);
      close();
      current.push(inner);
      Deque<String> names = new ArrayDeque<>(linux.files().list(inner));
      way.push(new Level(name, linux.files().status(inner), names));
    }

    void step(Descriptor top) {
      String next = way.element().names().poll();
      if (next != null) {
        take(current.element(), next);
        return;
      }
      Level done = way.pop();
      if (way.isEmpty()) {
        removeEmpty(top, done.name());
        return;
      }
      Descriptor above = linux.files().open(current.element(), "..", FOLDER, 0);
      close();
      current.push(above);
      if (!linux.files().status(above).sameFileAs(way.element().status())) {
        stays(done.name(), -Errno.EBUSY);
        way.clear(); // Somebody moves folders about: this one is not ours to go on in.
        return;
      }
      removeEmpty(above, done.name());
    }

    private void removeEmpty(Descriptor folder, String name) {
      long removed = linux.files().unlinkRaw(folder, name, FileCalls.REMOVE_DIRECTORY);
      boolean because = removed == -Errno.ENOTEMPTY && !stays.isEmpty();
      if (removed < 0 && removed != -Errno.ENOENT && !because) {
        stays(name, removed);
      }
    }

    private void stays(String name, long result) {
      if (stays.size() == MOST_REASONS) {
        return;
      }
      StringBuilder path = new StringBuilder();
      way.reversed().forEach(level -> path.append(level.name()).append('/'));
      String shown = ByteName.shown(path.append(name).toString());
      String reason =
          result == -Errno.EXDEV
              ? "something is mounted there"
              : result == -Errno.EPERM
                  ? "operation not permitted (immutable? see lsattr)"
                  : Errno.message((int) -result);
      stays.add("\"" + shown + "\": " + reason);
    }

    @Override
    public void close() {
      while (!current.isEmpty()) {
        current.pop().close();
      }
    }
  }
}
