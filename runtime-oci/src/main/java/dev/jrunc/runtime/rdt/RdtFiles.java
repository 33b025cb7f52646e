package dev.jrunc.runtime.rdt;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.Utf8;
import dev.jrunc.runtime.error.Failure;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Small files and directories of resctrl; a failure carries what the kernel says of it. */
final class RdtFiles {
  private static final int LARGEST = 1 << 20;

  private final Linux linux;
  private final String root;

  RdtFiles(Linux linux, String root) {
    this.linux = linux;
    this.root = root;
  }

  boolean exists(String path) {
    return linux.files().statusOrNull(linux.currentDirectory(), path, 0) != null;
  }

  /** The text without blanks around; null where there is no such file. */
  @Nullable String text(String path) {
    try (Descriptor file =
        linux.files().open(linux.currentDirectory(), path, OpenFlags.RDONLY, 0)) {
      return Utf8.decode(linux.streams().readAll(file, LARGEST)).trim();
    } catch (SyscallFailed e) {
      if (e.errno() == Errno.ENOENT) {
        return null;
      }
      throw failed("unable to read \"" + path + "\"", path, e.errno());
    }
  }

  List<String> list(String path) {
    try (Descriptor folder =
        linux
            .files()
            .open(linux.currentDirectory(), path, OpenFlags.RDONLY | OpenFlags.DIRECTORY, 0)) {
      return linux.files().list(folder);
    } catch (SyscallFailed e) {
      return List.of();
    }
  }

  /** Whether the directory was not there before. */
  boolean make(String path) {
    long result = linux.files().mkdirRaw(linux.currentDirectory(), path, 0755);
    if (result == -Errno.EEXIST) {
      return false;
    }
    if (result < 0) {
      throw failed("unable to make \"" + path + "\"", path, (int) -result);
    }
    return true;
  }

  /** A group goes with all its files; its processes fall back to the default. */
  void remove(String path) {
    linux.files().unlinkRaw(linux.currentDirectory(), path, FileCalls.REMOVE_DIRECTORY);
  }

  void write(String path, String value) {
    long result = linux.files().openRaw(linux.currentDirectory(), path, OpenFlags.WRONLY, 0);
    if (result >= 0) {
      try (Descriptor file = new Descriptor(linux.gate(), (int) result)) {
        result = linux.streams().writeOnceRaw(file, value);
      }
    }
    if (result < 0) {
      String what = "unable to write \"" + value.trim() + "\" to \"" + path + "\"";
      throw failed(what, path, (int) -result);
    }
  }

  private Failure failed(String what, String path, int errno) {
    String status = "";
    try (Descriptor file =
        linux
            .files()
            .open(linux.currentDirectory(), root + "/info/last_cmd_status", OpenFlags.RDONLY, 0)) {
      status = Utf8.decode(linux.streams().readAll(file, LARGEST)).trim();
    } catch (SyscallFailed e) {
      status = "";
    }
    return Failure.of(
            Failure.Code.SYSTEM,
            "intelrdt: "
                + what
                + ": "
                + Errno.message(errno)
                + (status.isEmpty() ? "" : ", last_cmd_status: " + status))
        .phase("resource control")
        .pointer("/linux/intelRdt")
        .path(path)
        .errno(errno)
        .hint(errno == Errno.ENOSPC ? "the processor has no more classes or monitors" : "")
        .build();
  }
}
