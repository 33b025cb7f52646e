package dev.jrunc.image.layer;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import java.util.Map;

/**
 * Gives a file its owner, extended attributes, mode and time, in this order: chown(2) clears set-id
 * bits and file capabilities, and everything changes the time.
 */
final class EntryAttributes {
  private static final long HIGHEST_ID = 0xffffffffL - 1;

  private final Linux linux;
  private final String layer;
  private final boolean mayChown;

  EntryAttributes(Linux linux, String layer) {
    this.linux = linux;
    this.layer = layer;
    this.mayChown = linux.credentials().effectiveUid() == 0;
  }

  /** The time of a folder is {@link FolderTimes}' to set, when all in it is made. */
  void apply(Descriptor folder, String name, LayerEntry entry) {
    checkOwner(entry.uid(), entry);
    checkOwner(entry.gid(), entry);
    if (mayChown) {
      linux.files().chown(folder, name, entry.uid(), entry.gid(), FileCalls.NOFOLLOW);
    }
    extended(folder.procPath() + "/" + name, entry);
    if (entry.kind() != LayerEntry.Kind.SYMLINK) {
      linux.files().chmod(folder, name, entry.mode());
    }
    if (!entry.isFolder()) {
      linux.files().setTimes(folder, name, entry.modified(), entry.modified(), FileCalls.NOFOLLOW);
    }
  }

  private void checkOwner(long id, LayerEntry entry) {
    if (id < 0 || id > HIGHEST_ID) {
      throw new LayerRefused(
          layer + " gives \"" + EntryName.shown(entry.name()) + "\" to the impossible owner " + id);
    }
  }

  // By the path of the folder's descriptor: there is no setxattrat(2) before Linux 6.13, and a
  // device is not to be opened.
  private void extended(String path, LayerEntry entry) {
    if (entry.isFolder()) {
      for (String old : linux.files().linkAttributes(path)) {
        if (!hosts(old) && !entry.extended().containsKey(old)) {
          linux.files().removeLinkAttributeRaw(path, old);
        }
      }
    }
    for (Map.Entry<String, byte[]> attribute : entry.extended().entrySet()) {
      if (hosts(attribute.getKey())) {
        continue;
      }
      long result =
          linux.files().setLinkAttributeRaw(path, attribute.getKey(), attribute.getValue());
      // The file system has none of this kind, or the kernel keeps them for a greater root.
      boolean refused = result == -Errno.EOPNOTSUPP || result == -Errno.EPERM;
      if (result < 0 && !refused) {
        throw new SyscallFailed(SystemCall.LSETXATTR, attribute.getKey(), (int) -result);
      }
    }
  }

  // Labels are the host's to give; NFS access lists have no meaning elsewhere.
  private static boolean hosts(String attribute) {
    return attribute.equals("security.selinux") || attribute.equals("system.nfs4_acl");
  }
}
