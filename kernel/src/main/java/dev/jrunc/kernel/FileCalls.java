package dev.jrunc.kernel;

import static dev.jrunc.kernel.SystemCall.*;

import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;

/**
 * Files and directories. Every path is relative to a directory descriptor; every descriptor opened
 * is close-on-exec. Methods that end in {@code Raw} return the negated errno and do not throw, for
 * callers to whom a failure is an answer.
 *
 * <p>Names are strings of one charset: UTF-8 for what people and JSON write, ISO-8859-1 where bytes
 * must pass unchanged, as in layers.
 */
public final class FileCalls extends Calls {
  /** AT_SYMLINK_NOFOLLOW. */
  public static final int NOFOLLOW = 0x100;

  /** AT_REMOVEDIR, for {@link #unlink}. */
  public static final int REMOVE_DIRECTORY = 0x200;

  /** AT_EMPTY_PATH: the descriptor itself is meant. */
  public static final int EMPTY_PATH = 0x1000;

  private final Charset charset;

  FileCalls(Gate gate, Charset charset) {
    super(gate);
    this.charset = charset;
  }

  /** openat(2); {@code flags} of {@link OpenFlags}, close-on-exec is added. */
  public Descriptor open(Descriptor directory, String path, int flags, int mode) {
    return new Descriptor(gate, (int) check(OPENAT, openRaw(directory, path, flags, mode), path));
  }

  public long openRaw(Descriptor directory, String path, int flags, int mode) {
    try (Memory memory = Memory.scope(gate)) {
      int all = OpenFlags.translate(flags | OpenFlags.CLOEXEC, architecture());
      return raw(OPENAT, directory.number(), memory.string(path, charset), all, mode, 0, 0);
    }
  }

  /** openat2(2): as {@link #open}, with {@code resolve} of OpenFlags.RESOLVE_*. */
  public Descriptor open2(Descriptor directory, String path, int flags, int mode, int resolve) {
    long result = open2Raw(directory, path, flags, mode, resolve);
    return new Descriptor(gate, (int) check(OPENAT2, result, path));
  }

  public long open2Raw(Descriptor directory, String path, int flags, int mode, int resolve) {
    try (Memory memory = Memory.scope(gate)) {
      int all = OpenFlags.translate(flags | OpenFlags.CLOEXEC, architecture());
      Memory.Block how = memory.block(24).putLong(0, all).putLong(8, mode).putLong(16, resolve);
      long result;
      int tries = 0;
      do {
        // EAGAIN: a rename or mount raced with the walk below a root; the manual says to try again,
        // but whoever renames in a loop must not hold us here for ever.
        result =
            raw(
                OPENAT2,
                directory.number(),
                memory.string(path, charset),
                how.address(),
                how.size(),
                0,
                0);
      } while (result == -Errno.EAGAIN && ++tries < 1000);
      return result;
    }
  }

  public void mkdir(Descriptor directory, String path, int mode) {
    check(MKDIRAT, mkdirRaw(directory, path, mode), path);
  }

  public long mkdirRaw(Descriptor directory, String path, int mode) {
    try (Memory memory = Memory.scope(gate)) {
      return raw(MKDIRAT, directory.number(), memory.string(path, charset), mode);
    }
  }

  /** mknodat(2); {@code mode} with a type of {@link FileMode}. */
  public void mknod(Descriptor directory, String path, int mode, DeviceNumber device) {
    check(MKNODAT, mknodRaw(directory, path, mode, device), path);
  }

  public long mknodRaw(Descriptor directory, String path, int mode, DeviceNumber device) {
    try (Memory memory = Memory.scope(gate)) {
      return raw(
          MKNODAT, directory.number(), memory.string(path, charset), mode, device.encoded(), 0, 0);
    }
  }

  public void symlink(String target, Descriptor directory, String path) {
    check(SYMLINKAT, symlinkRaw(target, directory, path), path);
  }

  public long symlinkRaw(String target, Descriptor directory, String path) {
    try (Memory memory = Memory.scope(gate)) {
      return raw(
          SYMLINKAT,
          memory.string(target, charset),
          directory.number(),
          memory.string(path, charset));
    }
  }

  /** linkat(2); with {@link #EMPTY_PATH} an empty {@code from} links the descriptor itself. */
  public long linkRaw(
      Descriptor fromDirectory, String from, Descriptor toDirectory, String to, int flags) {
    try (Memory memory = Memory.scope(gate)) {
      return raw(
          LINKAT,
          fromDirectory.number(),
          memory.string(from, charset),
          toDirectory.number(),
          memory.string(to, charset),
          flags,
          0);
    }
  }

  /** unlinkat(2); {@code flags} 0 or {@link #REMOVE_DIRECTORY}. */
  public void unlink(Descriptor directory, String path, int flags) {
    check(UNLINKAT, unlinkRaw(directory, path, flags), path);
  }

  public long unlinkRaw(Descriptor directory, String path, int flags) {
    try (Memory memory = Memory.scope(gate)) {
      return raw(UNLINKAT, directory.number(), memory.string(path, charset), flags);
    }
  }

  public void rename(Descriptor fromDirectory, String from, Descriptor toDirectory, String to) {
    try (Memory memory = Memory.scope(gate)) {
      long result =
          raw(
              RENAMEAT2,
              fromDirectory.number(),
              memory.string(from, charset),
              toDirectory.number(),
              memory.string(to, charset),
              0,
              0);
      check(RENAMEAT2, result, from);
    }
  }

  /** The target of a symbolic link; an empty path means the descriptor itself. */
  public String readlink(Descriptor directory, String path) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block target = memory.block(4096);
      long result =
          raw(
              READLINKAT,
              directory.number(),
              memory.string(path, charset),
              target.address(),
              target.size(),
              0,
              0);
      check(READLINKAT, result, path);
      return new String(target.getBytes(0, (int) result), charset);
    }
  }

  public FileStatus status(Descriptor directory, String path, int flags) {
    FileStatus status = statusOrNull(directory, path, flags);
    if (status == null) {
      throw new SyscallFailed(STATX, path, Errno.ENOENT);
    }
    return status;
  }

  /** The status of an open descriptor. */
  public FileStatus status(Descriptor descriptor) {
    return status(descriptor, "", EMPTY_PATH);
  }

  /** statx(2); null where nothing has this name. */
  public @org.jspecify.annotations.Nullable FileStatus statusOrNull(
      Descriptor directory, String path, int flags) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block x = memory.block(256);
      // Both numbers of the mount: the one that is never used again takes the place of the other,
      // since Linux 6.8.
      int basicStatsAndMountId = 0x7ff | 0x1000 | 0x4000;
      long result =
          raw(
              STATX,
              directory.number(),
              memory.string(path, charset),
              flags,
              basicStatsAndMountId,
              x.address(),
              0);
      if (result == -Errno.ENOENT || result == -Errno.ENOTDIR) {
        return null;
      }
      check(STATX, result, path);
      return new FileStatus(
          x.getShort(28) & 0xffff,
          x.getInt(20) & 0xffffffffL,
          x.getInt(24) & 0xffffffffL,
          x.getLong(40),
          x.getLong(32),
          x.getInt(16) & 0xffffffffL,
          new DeviceNumber(x.getInt(128), x.getInt(132)),
          new DeviceNumber(x.getInt(136), x.getInt(140)),
          new Timestamp(x.getLong(112), x.getInt(120)),
          x.getLong(144));
    }
  }

  /** fchownat(2); -1 leaves an id as it is. */
  public void chown(Descriptor directory, String path, long uid, long gid, int flags) {
    check(FCHOWNAT, chownRaw(directory, path, uid, gid, flags), path);
  }

  public long chownRaw(Descriptor directory, String path, long uid, long gid, int flags) {
    try (Memory memory = Memory.scope(gate)) {
      return raw(FCHOWNAT, directory.number(), memory.string(path, charset), uid, gid, flags, 0);
    }
  }

  /** fchmodat(2), which follows a symbolic link in the last name. */
  public void chmod(Descriptor directory, String path, int mode) {
    try (Memory memory = Memory.scope(gate)) {
      check(FCHMODAT, raw(FCHMODAT, directory.number(), memory.string(path, charset), mode), path);
    }
  }

  /** fchmod(2), for a descriptor not opened with PATH. */
  public void chmod(Descriptor descriptor, int mode) {
    check(FCHMOD, raw(FCHMOD, descriptor.number(), mode, 0), descriptor);
  }

  public void setTimes(
      Descriptor directory, String path, Timestamp accessed, Timestamp modified, int flags) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block times =
          memory
              .block(32)
              .putLong(0, accessed.seconds())
              .putLong(8, accessed.nanoseconds())
              .putLong(16, modified.seconds())
              .putLong(24, modified.nanoseconds());
      long name = path.isEmpty() ? 0 : memory.string(path, charset);
      long result = raw(UTIMENSAT, directory.number(), name, times.address(), flags, 0, 0);
      check(UTIMENSAT, result, path);
    }
  }

  /** lsetxattr(2) by path; returns the raw result. */
  public long setLinkAttributeRaw(String path, String name, byte[] value) {
    try (Memory memory = Memory.scope(gate)) {
      return raw(
          LSETXATTR,
          memory.string(path, charset),
          memory.string(name, charset),
          memory.bytes(value).address(),
          value.length,
          0,
          0);
    }
  }

  /** fsetxattr(2), for a descriptor not opened with PATH; returns the raw result. */
  public long setAttributeRaw(Descriptor file, String name, byte[] value) {
    try (Memory memory = Memory.scope(gate)) {
      return raw(
          FSETXATTR,
          file.number(),
          memory.string(name, charset),
          memory.bytes(value).address(),
          value.length,
          0,
          0);
    }
  }

  /** lgetxattr(2) by path; null where the file has no such attribute, or can have none. */
  public byte @org.jspecify.annotations.Nullable [] linkAttribute(String path, String name) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block value = memory.block(65536); // XATTR_SIZE_MAX
      long length =
          raw(
              LGETXATTR,
              memory.string(path, charset),
              memory.string(name, charset),
              value.address(),
              value.size(),
              0,
              0);
      if (length == -Errno.ENODATA || length == -Errno.EOPNOTSUPP) {
        return null;
      }
      check(LGETXATTR, length, path);
      return value.getBytes(0, (int) length);
    }
  }

  /** The names of the extended attributes of the file itself; none where it can have none. */
  public List<String> linkAttributes(String path) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block names = memory.block(65536); // XATTR_LIST_MAX
      long length = raw(LLISTXATTR, memory.string(path, charset), names.address(), names.size());
      if (length == -Errno.EOPNOTSUPP || length == 0) {
        return List.of();
      }
      check(LLISTXATTR, length, path);
      return List.of(new String(names.getBytes(0, (int) length - 1), charset).split("\0"));
    }
  }

  /** lremovexattr(2) by path; returns the raw result. */
  public long removeLinkAttributeRaw(String path, String name) {
    try (Memory memory = Memory.scope(gate)) {
      return raw(LREMOVEXATTR, memory.string(path, charset), memory.string(name, charset), 0);
    }
  }

  /**
   * faccessat2(2) by the ids and capabilities that count for opening and executing; {@code mode} 1
   * asks to execute, 2 to write, 4 to read.
   */
  public long accessRaw(Descriptor directory, String path, int mode) {
    try (Memory memory = Memory.scope(gate)) {
      int effectiveIds = 0x200;
      long name = memory.string(path, charset);
      return raw(FACCESSAT2, directory.number(), name, mode, effectiveIds, 0, 0);
    }
  }

  public FileSystemStatus fileSystem(Descriptor descriptor) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block status = memory.block(120);
      check(FSTATFS, raw(FSTATFS, descriptor.number(), status.address(), 0), descriptor);
      return new FileSystemStatus(status.getLong(0), status.getLong(80));
    }
  }

  /** syncfs(2): waits until the disk has all of the file system that the descriptor is on. */
  public void syncFileSystem(Descriptor descriptor) {
    check(SYNCFS, raw(SYNCFS, descriptor.number(), 0, 0), descriptor);
  }

  /** The names in a directory, in no order, without {@code .} and {@code ..}. */
  public List<String> list(Descriptor directory) {
    return list(directory, false);
  }

  /** The names of the directories in it, on file systems that tell the type of an entry. */
  public List<String> directories(Descriptor directory) {
    return list(directory, true);
  }

  private List<String> list(Descriptor directory, boolean onlyDirectories) {
    int typeDirectory = 4;
    List<String> names = new ArrayList<>();
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block entries = memory.block(32768);
      while (true) {
        long filled = raw(GETDENTS64, directory.number(), entries.address(), entries.size());
        check(GETDENTS64, filled, directory);
        if (filled == 0) {
          return names;
        }
        byte[] bytes = entries.getBytes(0, (int) filled);
        // struct linux_dirent64: inode 8, offset 8, record length 2, type 1, name with NUL.
        for (int at = 0; at < bytes.length; ) {
          int length = (bytes[at + 16] & 0xff) | (bytes[at + 17] & 0xff) << 8;
          int end = at + 19;
          while (bytes[end] != 0) {
            end++;
          }
          String name = new String(bytes, at + 19, end - at - 19, charset);
          boolean wanted = !onlyDirectories || bytes[at + 18] == typeDirectory;
          if (wanted && !name.equals(".") && !name.equals("..")) {
            names.add(name);
          }
          at += length;
        }
      }
    }
  }
}
