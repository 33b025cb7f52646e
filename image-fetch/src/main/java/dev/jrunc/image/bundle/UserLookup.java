package dev.jrunc.image.bundle;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.spec.User;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the ids of an image's user in its own /etc/passwd and /etc/group. Digits are a number and
 * never a name, and a number that fits no id is refused (CVE-2024-40635).
 */
final class UserLookup {
  private static final int LARGEST = 4 << 20;
  private static final long HIGHEST_ID = 0x7fffffffL;

  private final Linux linux;
  private final Descriptor rootfs;

  UserLookup(Linux linux, Descriptor rootfs) {
    this.linux = linux;
    this.rootfs = rootfs;
  }

  /** The home of a user, empty where /etc/passwd does not know it. */
  String home(long uid) {
    String[] entry = account("", uid);
    return entry == null || entry.length < 6 ? "" : entry[5];
  }

  /**
   * {@code user}, {@code uid}, {@code user:group}, {@code uid:gid}; empty is root.
   *
   * @param numbersHaveGroups whether a number is looked up as its name is
   */
  User find(String text, boolean numbersHaveGroups) {
    if (text.isEmpty() && !numbersHaveGroups) {
      return new User(0, 0, null, List.of());
    }
    int colon = text.indexOf(':');
    String given = text.isEmpty() ? "0" : text;
    String userPart = colon < 0 ? given : text.substring(0, colon);
    String groupPart = colon < 0 ? "" : text.substring(colon + 1);
    Long number = number(userPart, text);
    String[] entry = account(userPart, number);
    if (number == null && entry == null) {
      throw new ImageFailure(
          "the image runs as user \"" + userPart + "\", whom its /etc/passwd does not know");
    }
    long uid = number != null ? number : id(entry, 2, "passwd");
    if (!groupPart.isEmpty()) {
      return new User(uid, group(groupPart, text), null, List.of());
    }
    long gid = entry == null ? 0 : id(entry, 3, "passwd");
    List<Long> others =
        entry == null || (number != null && !numbersHaveGroups)
            ? List.of()
            : memberships(entry[0], gid);
    return new User(uid, gid, null, others);
  }

  private String @Nullable [] account(String name, @Nullable Long uid) {
    for (String line : lines("etc/passwd")) {
      String[] fields = line.split(":", -1);
      boolean matches =
          fields.length >= 4
              && (uid == null ? fields[0].equals(name) : fields[2].equals(uid.toString()));
      if (matches) {
        return fields;
      }
    }
    return null;
  }

  private long group(String name, String whole) {
    Long number = number(name, whole);
    if (number != null) {
      return number;
    }
    for (String line : lines("etc/group")) {
      String[] fields = line.split(":", -1);
      if (fields.length >= 3 && fields[0].equals(name)) {
        return id(fields, 2, "group");
      }
    }
    throw new ImageFailure(
        "the image runs in group \"" + name + "\", which its /etc/group does not know");
  }

  private List<Long> memberships(String user, long primary) {
    List<Long> groups = new ArrayList<>();
    for (String line : lines("etc/group")) {
      String[] fields = line.split(":", -1);
      if (fields.length >= 4 && List.of(fields[3].split(",")).contains(user)) {
        long gid = id(fields, 2, "group");
        if (gid != primary && !groups.contains(gid)) {
          groups.add(gid);
        }
      }
    }
    return groups;
  }

  private static @Nullable Long number(String text, String whole) {
    if (text.isEmpty() || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return null;
    }
    if (text.length() > 10 || Long.parseLong(text) > HIGHEST_ID) {
      throw new ImageFailure(
          "the image runs as \"" + whole + "\", which is no id from 0 to " + HIGHEST_ID);
    }
    return Long.parseLong(text);
  }

  private static long id(String @Nullable [] fields, int index, String file) {
    String text = fields == null ? "" : fields[index];
    Long number = number(text, text);
    if (number == null) {
      throw new ImageFailure(
          "the image's /etc/" + file + " has an entry with the id \"" + text + "\"");
    }
    return number;
  }

  // CVE-2024-9676, CVE-2026-47262: the file is the image's, so it is opened inside the image, must
  // be a plain file and has a largest size.
  private List<String> lines(String path) {
    int flags = OpenFlags.RDONLY | OpenFlags.NONBLOCK;
    int resolve = OpenFlags.RESOLVE_IN_ROOT | OpenFlags.RESOLVE_NO_MAGICLINKS;
    try (Descriptor file = linux.files().open2(rootfs, path, flags, 0, resolve)) {
      if (!linux.files().status(file).is(FileMode.REGULAR)) {
        return List.of();
      }
      byte[] content = linux.streams().readAll(file, LARGEST);
      return new String(content, StandardCharsets.UTF_8).lines().toList();
    } catch (SyscallFailed e) {
      return switch (e.errno()) {
        case Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP, Errno.ENXIO -> List.of();
        case Errno.EFBIG ->
            throw new ImageFailure("the image's /" + path + " is larger than 4 MiB", e);
        default -> throw e;
      };
    }
  }
}
