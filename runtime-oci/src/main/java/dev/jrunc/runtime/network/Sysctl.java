package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.Utf8;

/** Switches of the network namespace this process is in, below sys/net of a procfs. */
final class Sysctl {
  private final Linux linux;
  private final Descriptor proc;
  private final String before;

  /** As the caller sees them. */
  Sysctl(Linux linux) {
    this.linux = linux;
    this.proc = linux.currentDirectory();
    this.before = "/proc/";
  }

  /** In a procfs by a handle on its root. */
  Sysctl(Linux linux, Descriptor proc) {
    this.linux = linux;
    this.proc = proc;
    this.before = "";
  }

  private String path(String name) {
    return before + "sys/net/" + name;
  }

  /** The value, empty where there is none. */
  String get(String name) {
    try (Descriptor file = linux.files().open(proc, path(name), OpenFlags.RDONLY, 0)) {
      return Utf8.decode(linux.streams().readAll(file, 256)).trim();
    } catch (SyscallFailed e) {
      return "";
    }
  }

  /** Sets it where it has another value: a read-only /proc may well have the right one. */
  void require(String name, String value) {
    if (get(name).equals(value)) {
      return;
    }
    try (Descriptor file = linux.files().open(proc, path(name), OpenFlags.WRONLY, 0)) {
      linux.streams().write(file, value);
    } catch (SyscallFailed e) {
      throw dev.jrunc.runtime.error.Failure.system(
          "cannot set /proc/sys/net/" + name + " to " + value, e);
    }
  }

  /** The interfaces that have switches of their own. */
  java.util.List<String> interfaces(String family) {
    int flags = OpenFlags.RDONLY | OpenFlags.DIRECTORY;
    try (Descriptor folder = linux.files().open(proc, path(family + "/conf"), flags, 0)) {
      return linux.files().list(folder);
    } catch (SyscallFailed e) {
      return java.util.List.of();
    }
  }
}
