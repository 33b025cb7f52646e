package dev.jrunc.image.tree;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import java.nio.charset.StandardCharsets;

/** Removes a tree through handles: no link in it leads anywhere else. */
public final class TreeRemoval {
  private static final int DEEPEST = 1024;

  private final Linux linux;

  /** Names are bytes: an image may hold some that no charset has. */
  public TreeRemoval(Gate gate) {
    this.linux = Linux.over(gate, StandardCharsets.ISO_8859_1);
  }

  /** As far as it can; what is not there is fine. */
  public void remove(Descriptor folder, String name) {
    remove(folder, name, 0);
  }

  private void remove(Descriptor folder, String name, int depth) {
    if (linux.files().unlinkRaw(folder, name, 0) >= 0 || depth > DEEPEST) {
      return;
    }
    int flags = OpenFlags.RDONLY | OpenFlags.DIRECTORY | OpenFlags.NOFOLLOW;
    try (Descriptor inner = linux.files().open(folder, name, flags, 0)) {
      for (String child : linux.files().list(inner)) {
        remove(inner, child, depth + 1);
      }
    } catch (SyscallFailed e) {
      return; // Not there, or no folder: nothing of ours.
    }
    linux.files().unlinkRaw(folder, name, FileCalls.REMOVE_DIRECTORY);
  }
}
