package dev.jrunc.runtime.process;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.kernel.Utf8;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.IdMapping;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * newuidmap(1) and newgidmap(1): they run as root, and write for a user the ranges that /etc/subuid
 * and /etc/subgid give to him.
 */
public final class IdMapTool {
  private static final String[] FOLDERS = {"/usr/local/bin/", "/usr/bin/", "/bin/"};
  private static final int EXECUTE = 1;
  private static final int NOT_FOUND = 127;
  private static final int LONGEST = 4096;

  private final Linux linux;
  private final String name;
  private final String ranges;

  private IdMapTool(Linux linux, String name, String ranges) {
    this.linux = linux;
    this.name = name;
    this.ranges = ranges;
  }

  /** The path of the one of this name that would be run; null if none is installed. */
  public static @Nullable String find(Linux linux, String name) {
    for (String folder : FOLDERS) {
      if (linux.files().accessRaw(linux.currentDirectory(), folder + name, EXECUTE) == 0) {
        return folder + name;
      }
    }
    return null;
  }

  static IdMapTool ofUsers(Linux linux) {
    return new IdMapTool(linux, "newuidmap", "/etc/subuid");
  }

  static IdMapTool ofGroups(Linux linux) {
    return new IdMapTool(linux, "newgidmap", "/etc/subgid");
  }

  /** Has the map of {@code pid} written. */
  void write(int pid, List<IdMapping> mappings, String pointer) {
    List<String> words = new ArrayList<>();
    words.add(name);
    words.add(Integer.toString(pid));
    for (IdMapping mapping : mappings) {
      words.add(Long.toString(mapping.containerId()));
      words.add(Long.toString(mapping.hostId()));
      words.add(Long.toString(mapping.size()));
    }
    try (Descriptor output = linux.streams().memoryFile(name, 0)) {
      int code = run(words, output);
      linux.streams().seek(output, 0, 0);
      String said = Utf8.decode(linux.streams().readAll(output, LONGEST));
      if (code == NOT_FOUND && said.isEmpty()) {
        throw missing(pointer);
      }
      if (code != 0) {
        throw refused(said, pointer);
      }
    }
  }

  private int run(List<String> words, Descriptor output) {
    ProcessCalls.Clone clone = linux.processes().clone(0, null);
    if (clone.inChild()) {
      linux.processes().resetSignals();
      linux.streams().duplicateOnto(output, 1);
      linux.streams().duplicateOnto(output, 2);
      linux.streams().closeOnExecFrom(3);
      for (String folder : FOLDERS) {
        linux.processes().executeRaw(linux.currentDirectory(), folder + name, words, List.of(), 0);
      }
      linux.processes().exit(NOT_FOUND);
    }
    Objects.requireNonNull(clone.pidfd()).close();
    return Objects.requireNonNull(linux.processes().waitFor(clone.pid(), 0)).exitCode();
  }

  private Failure missing(String pointer) {
    return Failure.of(
            Failure.Code.NOT_FOUND, "exec: \"" + name + "\": executable file not found in $PATH")
        .phase("user namespace")
        .pointer(pointer)
        .path(name)
        .errno(Errno.ENOENT)
        .hint("it is in the package uidmap; without it one id can be mapped, your own, with size 1")
        .build();
  }

  private Failure refused(String said, String pointer) {
    int end = said.endsWith("\n") ? said.length() - 1 : said.length();
    return Failure.of(Failure.Code.SYSTEM, name + " failed: " + said.substring(0, end))
        .phase("user namespace")
        .pointer(pointer)
        .path(ranges)
        .errno(Errno.EPERM)
        .hint(
            "map ids of a range that "
                + ranges
                + " gives this user, in a line such as \"name:100000:65536\";"
                + " or one id, your own, with size 1")
        .build();
  }
}
