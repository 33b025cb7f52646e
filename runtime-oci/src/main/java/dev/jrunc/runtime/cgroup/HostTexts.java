package dev.jrunc.runtime.cgroup;

import dev.jrunc.kernel.Utf8;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the two texts that tell where the hierarchies are.
 *
 * <pre>
 * /proc/self/cgroup     4:memory:/user
 *                       0::/user
 * /proc/self/mountinfo  35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
 *                       id parent dev root mount-point options [optional...] - type source super
 * </pre>
 */
final class HostTexts {
  private static final String ROOT = "/sys/fs/cgroup";

  private HostTexts() {}

  /** Only lines about cgroups, and mounts below /sys/fs/cgroup, become strings. */
  static CgroupHost parse(byte[] mountinfo, byte[] own) {
    List<Mounted> mounts = new ArrayList<>();
    for (int start = 0; start < mountinfo.length; ) {
      int end = endOfLine(mountinfo, start);
      line(mountinfo, start, end, mounts);
      start = end + 1;
    }
    List<Hierarchy> hierarchies = new ArrayList<>();
    boolean v1 = false;
    for (Mounted mount : mounts) {
      List<String> controllers = new ArrayList<>();
      if (mount.unified) {
        controllers.add(CgroupHost.UNIFIED);
      } else {
        v1 = true;
        controllersOf(mount, own, controllers);
      }
      String path = controllers.isEmpty() ? null : ownPath(own, controllers.getFirst());
      if (path != null) {
        hierarchies.add(new Hierarchy(controllers, mount.point, below(mount.root, path)));
      }
    }
    if (hierarchies.isEmpty()) {
      throw CgroupHost.noneMounted();
    }
    return new CgroupHost(v1 ? CgroupLayout.V1 : CgroupLayout.V2, hierarchies);
  }

  private record Mounted(boolean unified, String root, String point, String superOptions) {}

  private static void line(byte[] text, int start, int end, List<Mounted> mounts) {
    int root = afterSpaces(text, start, end, 3);
    int point = afterSpaces(text, root, end, 1);
    int afterPoint = afterSpaces(text, point, end, 1);
    int dash = afterPoint;
    while (dash + 2 < end
        && !(text[dash] == '-' && text[dash - 1] == ' ' && text[dash + 1] == ' ')) {
      dash++;
    }
    if (dash + 2 >= end) {
      return;
    }
    int type = dash + 2;
    int source = afterSpaces(text, type, end, 1);
    int options = afterSpaces(text, source, end, 1);
    boolean unified = is(text, type, source - 1, "cgroup2");
    if (!unified && !is(text, type, source - 1, "cgroup")) {
      // A mount over the usual place hides the hierarchies that were mounted below it before.
      if (is(text, point, afterPoint - 1, ROOT)) {
        mounts.removeIf(mount -> mount.point.startsWith(ROOT));
      }
      return;
    }
    Mounted mount =
        new Mounted(
            unified,
            unescape(text, root, point - 1),
            unescape(text, point, afterPoint - 1),
            Utf8.decode(text, options, end - options));
    // The same hierarchy again, for example inside a running container's rootfs: the first counts,
    // unless the later one hides it.
    mounts.removeIf(other -> other.point.equals(mount.point));
    for (Mounted other : mounts) {
      if (other.unified == unified && other.superOptions.equals(mount.superOptions)) {
        return;
      }
    }
    mounts.add(mount);
  }

  /** Of a mount's super options, the words that /proc/self/cgroup knows as controllers. */
  private static void controllersOf(Mounted mount, byte[] own, List<String> into) {
    String options = mount.superOptions;
    for (int start = 0; start <= options.length(); ) {
      int comma = options.indexOf(',', start);
      int end = comma < 0 ? options.length() : comma;
      String word = options.substring(start, end);
      boolean foreignName = word.startsWith("name=") && !word.equals("name=systemd");
      if (!word.isEmpty() && !foreignName && ownPath(own, word) != null) {
        into.add(word);
      }
      start = end + 1;
    }
  }

  /** The path of {@code controller} in the text of /proc/self/cgroup, or null. */
  static @Nullable String ownPath(byte[] own, String controller) {
    for (int start = 0; start < own.length; ) {
      int end = endOfLine(own, start);
      int names = after(own, start, end, ':');
      int path = after(own, names, end, ':');
      if (listed(own, names, path - 1, controller)) {
        return Utf8.decode(own, path, end - path);
      }
      start = end + 1;
    }
    return null;
  }

  private static boolean listed(byte[] text, int start, int end, String word) {
    if (word.isEmpty()) {
      return start == end;
    }
    for (int from = start; from < end; ) {
      int to = from;
      while (to < end && text[to] != ',') {
        to++;
      }
      if (is(text, from, to, word)) {
        return true;
      }
      from = to + 1;
    }
    return false;
  }

  private static String below(String root, String path) {
    if (root.equals("/") || !path.startsWith(root)) {
      return path;
    }
    String rest = path.substring(root.length());
    // Of "/foobar" nothing is below "/foo".
    return rest.isEmpty() ? "/" : rest.startsWith("/") ? rest : path;
  }

  private static int endOfLine(byte[] text, int start) {
    int end = start;
    while (end < text.length && text[end] != '\n') {
      end++;
    }
    return end;
  }

  private static int afterSpaces(byte[] text, int start, int end, int count) {
    int at = start;
    for (int i = 0; i < count; i++) {
      at = after(text, at, end, ' ');
    }
    return at;
  }

  /** The place after the next {@code mark}, or {@code end}. */
  private static int after(byte[] text, int start, int end, char mark) {
    for (int at = start; at < end; at++) {
      if (text[at] == mark) {
        return at + 1;
      }
    }
    return end;
  }

  private static boolean is(byte[] text, int start, int end, String word) {
    if (end - start != word.length()) {
      return false;
    }
    for (int i = 0; i < word.length(); i++) {
      if (text[start + i] != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Blank, tab, newline and backslash are written as three octal digits. */
  private static String unescape(byte[] text, int start, int end) {
    byte[] plain = new byte[end - start];
    int length = 0;
    for (int at = start; at < end; at++) {
      if (text[at] == '\\' && at + 3 < end) {
        plain[length++] =
            (byte) ((text[at + 1] - '0') << 6 | (text[at + 2] - '0') << 3 | (text[at + 3] - '0'));
        at += 3;
      } else {
        plain[length++] = text[at];
      }
    }
    return Utf8.decode(plain, 0, length);
  }
}
