package dev.jrunc.runtime.seccomp;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Programs kept between containers. Whoever could write here could take a container's filter away:
 * the folder must be this user's, and closed to others, or it is not used at all.
 *
 * <p>The cache only ever saves time. What is missing, damaged or not to be written is compiled
 * again, and no failure here stops a container.
 *
 * <pre>
 * magic 8 | flags 8 | SHA-256 of the rest 32 | instructions
 * </pre>
 */
final class SeccompCache {
  private static final long MAGIC = 0x3143_4553_636e_756aL;
  private static final int HEADER = 48;
  private static final int LARGEST = HEADER + 8 * 4096;
  private static final int MOST_FILES = 64;

  private final Linux linux;
  private final String folder;

  /** {@code folder}, absolute, is made on the first write. */
  SeccompCache(Linux linux, String folder) {
    this.linux = linux;
    this.folder = folder;
  }

  @Nullable SeccompProgram find(String key) {
    try (Descriptor directory = openFolder()) {
      if (directory == null) {
        return null;
      }
      long opened = linux.files().openRaw(directory, key, OpenFlags.RDONLY | OpenFlags.NOFOLLOW, 0);
      if (opened < 0) {
        return null;
      }
      try (Descriptor file = new Descriptor(linux.gate(), (int) opened)) {
        byte[] content = new byte[LARGEST + 1];
        long length = linux.streams().readRaw(file, content);
        return parse(content, (int) length);
      }
    } catch (SyscallFailed unusable) {
      return null;
    }
  }

  void store(String key, SeccompProgram program) {
    try {
      makeFolder();
      try (Descriptor directory = openFolder()) {
        if (directory != null) {
          evict(directory);
          write(directory, key, format(program));
        }
      }
    } catch (SyscallFailed unusable) {
      // A full or read-only disk: the next container compiles again.
    }
  }

  private void write(Descriptor directory, String key, byte[] content) {
    String temporary = key + "." + linux.processes().pid();
    int flags = OpenFlags.WRONLY | OpenFlags.CREAT | OpenFlags.EXCL | OpenFlags.NOFOLLOW;
    try (Descriptor file = linux.files().open(directory, temporary, flags, 0600)) {
      linux.streams().write(file, content);
      linux.files().rename(directory, temporary, directory, key);
    } catch (SyscallFailed failed) {
      linux.files().unlinkRaw(directory, temporary, 0);
    }
  }

  private @Nullable Descriptor openFolder() {
    int flags = OpenFlags.RDONLY | OpenFlags.DIRECTORY | OpenFlags.NOFOLLOW;
    long opened = linux.files().openRaw(linux.currentDirectory(), folder, flags, 0);
    if (opened < 0) {
      return null;
    }
    Descriptor directory = new Descriptor(linux.gate(), (int) opened);
    FileStatus status = linux.files().status(directory);
    boolean ours =
        status.is(FileMode.DIRECTORY)
            && status.uid() == (linux.credentials().effectiveUid() & 0xffffffffL)
            && (status.mode() & 077) == 0;
    if (!ours) {
      directory.close();
      return null;
    }
    return directory;
  }

  private void makeFolder() {
    for (int slash = folder.indexOf('/', 1); ; slash = folder.indexOf('/', slash + 1)) {
      String path = slash < 0 ? folder : folder.substring(0, slash);
      long result = linux.files().mkdirRaw(linux.currentDirectory(), path, 0700);
      if (slash < 0 || (result < 0 && result != -Errno.EEXIST)) {
        return;
      }
    }
  }

  /** Keeps the folder small; the oldest goes, and with time what a killed writer left behind. */
  private void evict(Descriptor directory) {
    List<String> names = linux.files().list(directory);
    if (names.size() < MOST_FILES) {
      return;
    }
    String oldest = "";
    long time = Long.MAX_VALUE;
    for (String name : names) {
      FileStatus status = linux.files().statusOrNull(directory, name, FileCalls.NOFOLLOW);
      if (status != null && status.modified().seconds() < time) {
        time = status.modified().seconds();
        oldest = name;
      }
    }
    if (!oldest.isEmpty()) {
      linux.files().unlinkRaw(directory, oldest, 0);
    }
  }

  static byte[] format(SeccompProgram program) {
    byte[] code = program.instructions();
    byte[] content = new byte[HEADER + code.length];
    putLong(content, 0, MAGIC);
    putLong(content, 8, program.flags());
    System.arraycopy(Sha256.of(code, code.length), 0, content, 16, 32);
    System.arraycopy(code, 0, content, HEADER, code.length);
    return content;
  }

  static @Nullable SeccompProgram parse(byte[] content, int length) {
    if (length <= HEADER || length > LARGEST || length % 8 != 0 || getLong(content, 0) != MAGIC) {
      return null;
    }
    byte[] code = Arrays.copyOfRange(content, HEADER, length);
    byte[] digest = Sha256.of(code, code.length);
    for (int i = 0; i < digest.length; i++) {
      if (digest[i] != content[16 + i]) {
        return null;
      }
    }
    return new SeccompProgram(code, getLong(content, 8));
  }

  private static void putLong(byte[] target, int offset, long value) {
    for (int i = 0; i < 8; i++) {
      target[offset + i] = (byte) (value >> (8 * i));
    }
  }

  private static long getLong(byte[] source, int offset) {
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value |= (source[offset + i] & 0xffL) << (8 * i);
    }
    return value;
  }
}
