package dev.jrunc.kernel;

import static dev.jrunc.kernel.SystemCall.*;

/**
 * Mounts as handles: a file system or a copy of a tree is made detached, its attributes are set
 * while nobody can see it, and only then is it attached to a directory that is itself a descriptor.
 * No path is resolved twice, so no symbolic link swapped in between is ever followed.
 *
 * <p>Since Linux 5.2 (fsopen, open_tree, move_mount) and 5.12 (mount_setattr).
 */
public final class MountCalls extends Calls {
  /** AT_RECURSIVE. */
  public static final int RECURSIVE = 0x8000;

  private static final int EMPTY_PATH = 0x1000;
  private static final int CONFIG_SET_FLAG = 0;
  private static final int CONFIG_SET_STRING = 1;
  private static final int CONFIG_CREATE = 6;

  MountCalls(Gate gate) {
    super(gate);
  }

  /** Opens a context in which a file system of {@code type} is configured, see fsopen(2). */
  public Descriptor openFileSystem(String type) {
    try (Memory memory = Memory.scope(gate)) {
      int cloexec = 1;
      long result = raw(FSOPEN, memory.string(type), cloexec, 0);
      return new Descriptor(gate, (int) check(FSOPEN, result, type));
    }
  }

  /** Sets {@code key} to a value; returns the raw result, {@link #contextLog} says why. */
  public long setStringRaw(Descriptor context, String key, String value) {
    try (Memory memory = Memory.scope(gate)) {
      return raw(
          FSCONFIG,
          context.number(),
          CONFIG_SET_STRING,
          memory.string(key),
          memory.string(value),
          0,
          0);
    }
  }

  public long setFlagRaw(Descriptor context, String key) {
    try (Memory memory = Memory.scope(gate)) {
      return raw(FSCONFIG, context.number(), CONFIG_SET_FLAG, memory.string(key), 0, 0, 0);
    }
  }

  public long createRaw(Descriptor context) {
    return raw(FSCONFIG, context.number(), CONFIG_CREATE, 0, 0, 0, 0);
  }

  /** The kernel's messages on this context, one a line, for example {@code e tmpfs: Bad value}. */
  public String contextLog(Descriptor context) {
    StringBuilder log = new StringBuilder();
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block message = memory.block(1024);
      long got;
      while ((got = raw(READ, context.number(), message.address(), message.size())) > 0) {
        String text = Utf8.decode(message.getBytes(0, (int) got));
        log.append(log.isEmpty() ? "" : "; ").append(text.trim());
      }
    }
    return log.toString();
  }

  /** A detached mount of a created file system; {@code attributes} of {@link MountAttribute}. */
  public Descriptor mountFileSystem(Descriptor context, long attributes) {
    int cloexec = 1;
    long result = raw(FSMOUNT, context.number(), cloexec, attributes);
    return new Descriptor(gate, (int) check(FSMOUNT, result, context));
  }

  /**
   * A detached copy of the mount at {@code path}, see open_tree(2); {@code flags} of {@link
   * #RECURSIVE}, FileCalls.NOFOLLOW and FileCalls.EMPTY_PATH.
   */
  public Descriptor cloneTree(Descriptor directory, String path, int flags) {
    return new Descriptor(gate, (int) check(OPEN_TREE, cloneTreeRaw(directory, path, flags), path));
  }

  public long cloneTreeRaw(Descriptor directory, String path, int flags) {
    try (Memory memory = Memory.scope(gate)) {
      int clone = 1;
      return raw(
          OPEN_TREE, directory.number(), memory.string(path), clone | OpenFlags.CLOEXEC | flags);
    }
  }

  /** Attaches a detached mount onto the file or directory behind {@code target}. */
  public void attach(Descriptor mount, Descriptor target) {
    check(MOVE_MOUNT, attachRaw(mount, target), target);
  }

  public long attachRaw(Descriptor mount, Descriptor target) {
    try (Memory memory = Memory.scope(gate)) {
      int fromEmptyPath = 0x4;
      int toEmptyPath = 0x40;
      long empty = memory.string("");
      return raw(
          MOVE_MOUNT,
          mount.number(),
          empty,
          target.number(),
          empty,
          fromEmptyPath | toEmptyPath,
          0);
    }
  }

  /**
   * Changes attributes of the mount behind {@code mount}, see mount_setattr(2).
   *
   * @param flags 0 or {@link #RECURSIVE}
   * @param propagation 0 to leave it, or one of {@link MountAttribute}'s propagation types
   */
  public void setAttributes(Descriptor mount, int flags, long set, long clear, long propagation) {
    check(
        MOUNT_SETATTR,
        setAttributesRaw(mount, "", flags | EMPTY_PATH, set, clear, propagation, -1),
        mount);
  }

  /** As mount_setattr(2); {@code userNamespace} for MOUNT_ATTR_IDMAP, else -1. */
  public long setAttributesRaw(
      Descriptor directory,
      String path,
      int flags,
      long set,
      long clear,
      long propagation,
      int userNamespace) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block attributes =
          memory
              .block(32)
              .putLong(0, set)
              .putLong(8, clear)
              .putLong(16, propagation)
              .putLong(24, userNamespace < 0 ? 0 : userNamespace);
      return raw(
          MOUNT_SETATTR,
          directory.number(),
          memory.string(path),
          flags,
          attributes.address(),
          attributes.size(),
          0);
    }
  }

  /** The old mount(2), for the few things that the calls above cannot say. */
  public long mountRaw(String source, String target, String type, long flags, String data) {
    try (Memory memory = Memory.scope(gate)) {
      return raw(
          MOUNT,
          memory.string(source),
          memory.string(target),
          memory.string(type),
          flags,
          data.isEmpty() ? 0 : memory.string(data),
          0);
    }
  }

  /** umount2(2); {@code flags} 2 is MNT_DETACH, 8 is UMOUNT_NOFOLLOW. */
  public long unmountRaw(String path, int flags) {
    try (Memory memory = Memory.scope(gate)) {
      return raw(UMOUNT2, memory.string(path), flags, 0);
    }
  }

  public void pivotRoot(String newRoot, String oldRoot) {
    try (Memory memory = Memory.scope(gate)) {
      long result = raw(PIVOT_ROOT, memory.string(newRoot), memory.string(oldRoot), 0);
      check(PIVOT_ROOT, result, newRoot);
    }
  }

  public void changeRoot(String path) {
    try (Memory memory = Memory.scope(gate)) {
      check(CHROOT, raw(CHROOT, memory.string(path), 0, 0), path);
    }
  }
}
