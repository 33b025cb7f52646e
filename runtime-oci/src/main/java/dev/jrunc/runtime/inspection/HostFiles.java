package dev.jrunc.runtime.inspection;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.Utf8;
import org.jspecify.annotations.Nullable;

/** Looks at files of the host. What may not be looked at counts as being there. */
public final class HostFiles {
  private static final int LARGEST = 1 << 20;

  private final Linux linux;

  public HostFiles(Linux linux) {
    this.linux = linux;
  }

  /** Whether there is surely nothing at this path. */
  public boolean missing(String path) {
    try {
      return linux.files().statusOrNull(linux.currentDirectory(), path, 0) == null;
    } catch (SyscallFailed e) {
      return e.errno() == Errno.ELOOP || e.errno() == Errno.ENAMETOOLONG;
    }
  }

  /** Whether this is surely no directory. */
  boolean noDirectory(String path) {
    FileStatus status = status(path);
    return status != null && !status.is(FileMode.DIRECTORY);
  }

  /** Whether nobody may execute this file, or it is none. */
  boolean notExecutable(String path) {
    FileStatus status = status(path);
    return status != null && (!status.is(FileMode.REGULAR) || (status.mode() & 0111) == 0);
  }

  private @Nullable FileStatus status(String path) {
    try {
      return linux.files().statusOrNull(linux.currentDirectory(), path, 0);
    } catch (SyscallFailed e) {
      return null;
    }
  }

  /** Whether {@code path} leads to nothing below {@code root}, whose links stay inside. */
  boolean missingBelow(String root, String path) {
    long folder =
        linux
            .files()
            .openRaw(linux.currentDirectory(), root, OpenFlags.PATH | OpenFlags.DIRECTORY, 0);
    if (folder < 0) {
      return false; // That the root is missing is a finding of its own.
    }
    try (Descriptor opened = new Descriptor(linux.gate(), (int) folder)) {
      long file =
          linux.files().open2Raw(opened, path, OpenFlags.PATH, 0, OpenFlags.RESOLVE_IN_ROOT);
      if (file >= 0) {
        new Descriptor(linux.gate(), (int) file).close();
      }
      return file == -Errno.ENOENT || file == -Errno.ENOTDIR;
    }
  }

  /** The text of a small file of procfs or sysfs without blanks around; null if there is none. */
  public @Nullable String text(String path) {
    try (Descriptor file =
        linux.files().open(linux.currentDirectory(), path, OpenFlags.RDONLY, 0)) {
      return Utf8.decode(linux.streams().readAll(file, LARGEST)).trim();
    } catch (SyscallFailed e) {
      return null;
    }
  }

  /** Whether {@code word} is one of the words, divided by blanks, in {@code text}. */
  public static boolean hasWord(String text, String word) {
    for (int at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
      int end = at + word.length();
      boolean starts = at == 0 || text.charAt(at - 1) <= ' ';
      if (starts && (end == text.length() || text.charAt(end) <= ' ')) {
        return true;
      }
    }
    return false;
  }
}
