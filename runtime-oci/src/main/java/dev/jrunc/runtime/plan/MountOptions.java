package dev.jrunc.runtime.plan;

import dev.jrunc.kernel.MountAttribute;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The options of one mount, sorted by what they are: attributes of the mount alone or of the whole
 * tree below it, propagation, and what is left for the file system itself. This is the one place
 * that knows the names.
 *
 * @param set attributes of {@link MountAttribute} to set on the mount
 * @param clear attributes to clear on it
 * @param recursiveSet attributes to set on it and all mounts below (the options with an r before)
 * @param recursiveClear attributes to clear likewise
 * @param propagation as mount_setattr(2) takes it, 0 for the default
 * @param recursivePropagation whether propagation is for the mounts below too
 * @param bind whether this is a bind mount, of one mount or of a tree
 * @param copyUp whether a tmpfs begins with what it hides
 * @param idMap whether the ids of a bind mount are mapped, for one mount or for its tree
 * @param superBlock options that every file system knows, such as {@code sync}; they belong to the
 *     file system and not to the mount, so a bind mount leaves them alone
 * @param data what is left, in its order: for the file system
 */
public record MountOptions(
    long set,
    long clear,
    long recursiveSet,
    long recursiveClear,
    long propagation,
    boolean recursivePropagation,
    Depth bind,
    boolean copyUp,
    Depth idMap,
    List<String> superBlock,
    List<String> data) {

  public MountOptions {
    superBlock = List.copyOf(superBlock);
    data = List.copyOf(data);
  }

  /** How much of a tree is meant. */
  public enum Depth {
    NONE,
    MOUNT,
    TREE
  }

  /** All names but the data of file systems, as {@code features} lists them, sorted. */
  public static final String NAMES =
      "acl async atime bind defaults dev diratime dirsync exec idmap iversion lazytime loud mand"
          + " noacl noatime nodev nodiratime noexec noiversion nolazytime nomand norelatime"
          + " nostrictatime nosuid nosymfollow private ratime rbind rdev rdiratime relatime"
          + " remount rexec ridmap rnoatime rnodev rnodiratime rnoexec rnorelatime"
          + " rnostrictatime rnosuid rnosymfollow ro rprivate rrelatime rro rrw rshared rslave"
          + " rstrictatime rsuid rsymfollow runbindable rw shared silent slave strictatime suid"
          + " symfollow sync tmpcopyup unbindable";

  /** Sorts {@code options}; a later one overrides an earlier one. */
  public static MountOptions parse(List<String> options) {
    Sorter sorter = new Sorter();
    for (String option : options) {
      sorter.take(option);
    }
    return sorter.sorted();
  }

  /** Whether the mount is to be read-only in the end. */
  public boolean readOnly() {
    return (set & MountAttribute.READ_ONLY) != 0;
  }

  /** The same without {@link #readOnly}, for a mount that is still to be filled. */
  public MountOptions writable() {
    return with(set & ~MountAttribute.READ_ONLY, clear, recursiveSet, recursiveClear, data);
  }

  /** The same for a mount that has none below it: what is for the tree is for the mount. */
  public MountOptions flat() {
    return with((set & ~recursiveClear) | recursiveSet, clear | recursiveClear, 0, 0, data);
  }

  /** The same without what is for the one mount alone. */
  public MountOptions treeOnly() {
    return with(0, 0, recursiveSet, recursiveClear, data);
  }

  /** The same with one more option for the file system. */
  public MountOptions plusData(String option) {
    List<String> more = new ArrayList<>(data);
    more.add(option);
    return with(set, clear, recursiveSet, recursiveClear, more);
  }

  private MountOptions with(
      long newSet, long newClear, long newRecursiveSet, long newRecursiveClear, List<String> more) {
    return new MountOptions(
        newSet,
        newClear,
        newRecursiveSet,
        newRecursiveClear,
        propagation,
        recursivePropagation,
        bind,
        copyUp,
        idMap,
        superBlock,
        more);
  }

  /** The value of a data option such as {@code mode=}; null if it is not there. */
  public @Nullable String value(String key) {
    for (String option : data) {
      if (option.startsWith(key + "=")) {
        return option.substring(key.length() + 1);
      }
    }
    return null;
  }

  private static final class Sorter {
    private final long[] attributes = new long[4];
    private final List<String> superBlock = new ArrayList<>();
    private final List<String> data = new ArrayList<>();
    private long propagation;
    private boolean recursivePropagation;
    private Depth bind = Depth.NONE;
    private boolean copyUp;
    private Depth idMap = Depth.NONE;

    void take(String option) {
      if (attribute(option, 0)) {
        return;
      }
      if (option.startsWith("r") && attribute(option.substring(1), 2)) {
        return;
      }
      switch (option) {
        case "bind" -> bind = Depth.MOUNT;
        case "rbind" -> bind = Depth.TREE;
        case "tmpcopyup" -> copyUp = true;
        case "idmap" -> idMap = Depth.MOUNT;
        case "ridmap" -> idMap = Depth.TREE;
        case "private", "rprivate" -> propagate(MountAttribute.PRIVATE, option);
        case "shared", "rshared" -> propagate(MountAttribute.SHARED, option);
        case "slave", "rslave" -> propagate(MountAttribute.SLAVE, option);
        case "unbindable", "runbindable" -> propagate(MountAttribute.UNBINDABLE, option);
        // What every mount does anyway, or what only mount(8) ever meant something by.
        case "defaults",
            "remount",
            "loud",
            "silent",
            "acl",
            "noacl",
            "iversion",
            "noiversion",
            "" -> {}
        case "sync", "async", "dirsync", "lazytime", "nolazytime", "mand", "nomand" ->
            superBlock.add(option);
        default -> data.add(option);
      }
    }

    private void propagate(long type, String option) {
      propagation = type;
      recursivePropagation = option.charAt(0) == 'r';
    }

    // Options in pairs: one sets what the other clears. The recursive ones differ by an r before
    // them, except that "relatime" itself begins with one.
    private boolean attribute(String option, int at) {
      switch (option) {
        case "ro" -> change(at, MountAttribute.READ_ONLY, 0);
        case "rw" -> change(at, 0, MountAttribute.READ_ONLY);
        case "nosuid" -> change(at, MountAttribute.NO_SUID, 0);
        case "suid" -> change(at, 0, MountAttribute.NO_SUID);
        case "nodev" -> change(at, MountAttribute.NO_DEV, 0);
        case "dev" -> change(at, 0, MountAttribute.NO_DEV);
        case "noexec" -> change(at, MountAttribute.NO_EXEC, 0);
        case "exec" -> change(at, 0, MountAttribute.NO_EXEC);
        case "nodiratime" -> change(at, MountAttribute.NO_DIR_ATIME, 0);
        case "diratime" -> withdraw(at, MountAttribute.NO_DIR_ATIME);
        case "nosymfollow" -> change(at, MountAttribute.NO_SYM_FOLLOW, 0);
        case "symfollow" -> change(at, 0, MountAttribute.NO_SYM_FOLLOW);
        case "noatime" -> change(at, MountAttribute.NO_ATIME, MountAttribute.ATIME_MASK);
        case "strictatime" -> change(at, MountAttribute.STRICT_ATIME, MountAttribute.ATIME_MASK);
        // mount_setattr(2): the access time modes exclude one another, relatime is all bits clear.
        case "relatime" -> change(at, 0, MountAttribute.ATIME_MASK);
        case "atime", "norelatime", "nostrictatime" -> withdraw(at, MountAttribute.ATIME_MASK);
        default -> {
          return false;
        }
      }
      return true;
    }

    // As with mount(2), a bind mount's own "atime" and the like take back what was said before, and
    // leave alone what the source has. Those for the whole tree change it, as mount_setattr(2) can.
    private void withdraw(int at, long times) {
      boolean said = (attributes[at] & times) != 0;
      change(at, 0, times);
      if (at == 0 && !said) {
        attributes[1] &= ~times;
      }
    }

    private void change(int at, long set, long clear) {
      attributes[at] = (attributes[at] & ~clear) | set;
      attributes[at + 1] = (attributes[at + 1] & ~set) | clear;
    }

    MountOptions sorted() {
      return new MountOptions(
          attributes[0],
          attributes[1],
          attributes[2],
          attributes[3],
          propagation,
          recursivePropagation,
          bind,
          copyUp,
          idMap,
          superBlock,
          data);
    }
  }
}
