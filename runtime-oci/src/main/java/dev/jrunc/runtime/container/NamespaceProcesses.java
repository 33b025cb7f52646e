package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.state.ContainerState;
import java.util.ArrayList;
import java.util.List;

/**
 * The processes of a container that has no cgroups, which users without root may not have: those of
 * its pid namespace. One that shares this process's is not told from others, and has its first.
 */
public final class NamespaceProcesses {
  private final Linux linux;

  public NamespaceProcesses(Linux linux) {
    this.linux = linux;
  }

  /** Their pids in this process's pid namespace, in their order. */
  public List<Integer> of(ContainerState state) {
    if (!state.init().alive(linux)) {
      return List.of();
    }
    int init = state.init().pid();
    String wanted = namespace(Integer.toString(init));
    if (wanted.isEmpty() || wanted.equals(namespace("self"))) {
      return List.of(init);
    }
    List<Integer> pids = new ArrayList<>();
    int flags = OpenFlags.RDONLY | OpenFlags.DIRECTORY;
    try (Descriptor proc = linux.files().open(linux.currentDirectory(), "/proc", flags, 0)) {
      for (String name : linux.files().list(proc)) {
        boolean process = name.charAt(0) >= '1' && name.charAt(0) <= '9';
        if (process && wanted.equals(namespace(name))) {
          pids.add(Integer.parseInt(name));
        }
      }
    }
    java.util.Collections.sort(pids);
    return pids;
  }

  // Empty for one that has ended, or is somebody else's.
  private String namespace(String process) {
    try {
      return linux.files().readlink(linux.currentDirectory(), "/proc/" + process + "/ns/pid");
    } catch (SyscallFailed e) {
      return "";
    }
  }
}
