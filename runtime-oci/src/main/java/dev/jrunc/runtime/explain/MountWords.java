package dev.jrunc.runtime.explain;

import dev.jrunc.kernel.MountAttribute;
import dev.jrunc.runtime.plan.MountOptions;

/** Sorted mount options as the words of a config again. */
final class MountWords {
  private final StringBuilder words = new StringBuilder();

  private MountWords() {}

  static String of(MountOptions options) {
    MountWords text = new MountWords();
    text.bits("", options.set(), options.clear());
    text.bits("r", options.recursiveSet(), options.recursiveClear());
    if (options.propagation() != 0) {
      text.add(propagation(options.propagation(), options.recursivePropagation()));
    }
    text.depth("bind", options.bind());
    text.depth("idmap", options.idMap());
    if (options.copyUp()) {
      text.add("tmpcopyup");
    }
    options.superBlock().forEach(text::add);
    options.data().forEach(text::add);
    return text.words.toString();
  }

  static String propagation(long type, boolean recursive) {
    String name =
        type == MountAttribute.UNBINDABLE
            ? "unbindable"
            : type == MountAttribute.PRIVATE
                ? "private"
                : type == MountAttribute.SHARED ? "shared" : "slave";
    return (recursive ? "r" : "") + name;
  }

  private void add(String word) {
    words.append(words.isEmpty() ? "" : ",").append(word);
  }

  private void depth(String word, MountOptions.Depth depth) {
    switch (depth) {
      case NONE -> {}
      case MOUNT -> add(word);
      case TREE -> add("r" + word);
    }
  }

  private void bits(String prefix, long set, long clear) {
    bit(prefix, set, clear, MountAttribute.READ_ONLY, "ro", "rw");
    bit(prefix, set, clear, MountAttribute.NO_SUID, "nosuid", "suid");
    bit(prefix, set, clear, MountAttribute.NO_DEV, "nodev", "dev");
    bit(prefix, set, clear, MountAttribute.NO_EXEC, "noexec", "exec");
    bit(prefix, set, clear, MountAttribute.NO_DIR_ATIME, "nodiratime", "diratime");
    bit(prefix, set, clear, MountAttribute.NO_SYM_FOLLOW, "nosymfollow", "symfollow");
    if ((set & MountAttribute.NO_ATIME) != 0) {
      add(prefix + "noatime");
    } else if ((set & MountAttribute.STRICT_ATIME) != 0) {
      add(prefix + "strictatime");
    } else if ((clear & MountAttribute.ATIME_MASK) != 0) {
      add(prefix + "relatime");
    }
  }

  private void bit(String prefix, long set, long clear, long bit, String on, String off) {
    if ((set & bit) != 0) {
      add(prefix + on);
    } else if ((clear & bit) != 0) {
      add(prefix + off);
    }
  }
}
