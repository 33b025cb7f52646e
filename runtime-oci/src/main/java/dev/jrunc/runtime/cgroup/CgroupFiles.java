package dev.jrunc.runtime.cgroup;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import dev.jrunc.kernel.Utf8;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Small files of cgroupfs and procfs by absolute path. */
final class CgroupFiles {
  private static final int LARGEST = 16 << 20;

  private final Linux linux;
  private final Descriptor anywhere;

  CgroupFiles(Linux linux) {
    this.linux = linux;
    this.anywhere = linux.currentDirectory();
  }

  /** Where paths without a directory begin: they are absolute. */
  Descriptor anywhere() {
    return anywhere;
  }

  Linux linux() {
    return linux;
  }

  /** A file of any length, for example a mount table; in pieces small enough to cost nothing. */
  byte[] readWhole(String path) {
    return readWhole(anywhere, path);
  }

  /** As above, of a path from {@code directory}. */
  byte[] readWhole(Descriptor directory, String path) {
    try (Descriptor file = linux.files().open(directory, path, OpenFlags.RDONLY, 0)) {
      byte[] content = new byte[0];
      byte[] piece = new byte[8192];
      for (int got; (got = linux.streams().read(file, piece)) > 0; ) {
        if (content.length + got > LARGEST) {
          throw new SyscallFailed(SystemCall.READ, path, Errno.EFBIG);
        }
        byte[] longer = Arrays.copyOf(content, content.length + got);
        System.arraycopy(piece, 0, longer, content.length, got);
        content = longer;
      }
      return content;
    }
  }

  /** The first line or lines of a small file without blanks at the ends; null if it is missing. */
  @Nullable String readOrNull(String path) {
    long opened = linux.files().openRaw(anywhere, path, OpenFlags.RDONLY, 0);
    if (gone(opened)) {
      return null;
    }
    if (opened < 0) {
      throw new SyscallFailed(SystemCall.OPENAT, path, (int) -opened);
    }
    try (Descriptor file = new Descriptor(linux.gate(), (int) opened)) {
      byte[] content = new byte[4096];
      long length = linux.streams().readRaw(file, content);
      if (gone(length)) {
        return null;
      }
      if (length < 0) {
        throw new SyscallFailed(SystemCall.READ, path, (int) -length);
      }
      return Utf8.decode(content, 0, (int) length).trim();
    }
  }

  /** Writes a value in one call; a negated errno of the open or the write, else 0. */
  long writeRaw(String path, String value) {
    long opened = linux.files().openRaw(anywhere, path, OpenFlags.WRONLY, 0);
    if (opened < 0) {
      return opened;
    }
    try (Descriptor file = new Descriptor(linux.gate(), (int) opened)) {
      return Math.min(linux.streams().writeOnceRaw(file, value), 0);
    }
  }

  long mkdirRaw(String path) {
    return linux.files().mkdirRaw(anywhere, path, 0755);
  }

  /** Removes one group; a negated errno or 0. */
  long rmdirRaw(String path) {
    return rmdirRaw(anywhere, path);
  }

  long rmdirRaw(Descriptor directory, String name) {
    return linux.files().unlinkRaw(directory, name, FileCalls.REMOVE_DIRECTORY);
  }

  boolean exists(String path) {
    return linux.files().statusOrNull(anywhere, path, 0) != null;
  }

  /**
   * How many groups are directly below a group, -1 if this is no directory. cgroupfs counts them in
   * the number of links, which saves listing some thirty files.
   */
  int groupsBelow(String path) {
    return groupsBelow(anywhere, path);
  }

  int groupsBelow(Descriptor directory, String name) {
    FileStatus status = linux.files().statusOrNull(directory, name, 0);
    return status == null || !status.is(FileMode.DIRECTORY) ? -1 : (int) status.links() - 2;
  }

  /** The names in a directory; none if it is missing. */
  List<String> list(String path) {
    long opened = linux.files().openRaw(anywhere, path, OpenFlags.RDONLY | OpenFlags.DIRECTORY, 0);
    if (opened < 0) {
      return List.of();
    }
    try (Descriptor directory = new Descriptor(linux.gate(), (int) opened)) {
      return linux.files().list(directory);
    }
  }

  void pause(int milliseconds) {
    linux.processes().poll(List.of(), new int[0], milliseconds);
  }

  /** A group may vanish between two calls: its files then fail with ENODEV. */
  static boolean gone(long result) {
    return result == -Errno.ENOENT || result == -Errno.ENODEV;
  }
}
