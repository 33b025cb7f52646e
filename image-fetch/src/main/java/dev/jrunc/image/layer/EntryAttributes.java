package dev.jrunc.image.layer;

import dev.jrunc.image.tree.ByteName;
import dev.jrunc.image.tree.RecordedOwner;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Gives a file its owner, extended attributes, mode and time, in this order: chown(2) clears set-id
 * bits and file capabilities, and everything changes the time.
 */
final class EntryAttributes {
  private static final long HIGHEST_ID = 0xffffffffL - 1;

  private final Linux linux;
  private final String layer;
  private final Ownership ownership;
  private final TreeForm form;
  private final LostAttributes lost;
  private final InheritedAttributes inherited;

  EntryAttributes(RootTree tree, String layer, Unpacking unpacking) {
    this.linux = tree.linux();
    this.inherited = tree.inherited();
    this.layer = layer;
    this.ownership = unpacking.ownership();
    this.form = unpacking.form();
    this.lost = unpacking.lost();
  }

  /** To what was just made. */
  void apply(Descriptor folder, String name, LayerEntry entry) {
    if (entry.isFolder() && inherited.possible()) {
      applyAgain(folder, name, entry);
    } else {
      give(folder, name, entry);
    }
  }

  /** To a folder that may have other attributes, which go. */
  void applyAgain(Descriptor folder, String name, LayerEntry entry) {
    String path = folder.procPath() + "/" + name;
    Set<String> wanted = stored(entry).keySet();
    for (String old : linux.files().linkAttributes(path)) {
      if (!hosts(old) && !form.isOwn(old) && !wanted.contains(old)) {
        linux.files().removeLinkAttributeRaw(path, old);
      }
    }
    give(folder, name, entry);
  }

  // The time of a folder is FolderTimes' to set, when all in it is made.
  private void give(Descriptor folder, String name, LayerEntry entry) {
    check(entry);
    if (ownership == Ownership.GIVEN) {
      owned(
          linux.files().chownRaw(folder, name, entry.uid(), entry.gid(), FileCalls.NOFOLLOW),
          entry);
    }
    extended(folder.procPath() + "/" + name, entry);
    if (entry.kind() != LayerEntry.Kind.SYMLINK) {
      linux.files().chmod(folder, name, entry.mode());
    }
    if (!entry.isFolder()) {
      linux.files().setTimes(folder, name, entry.modified(), entry.modified(), FileCalls.NOFOLLOW);
    }
  }

  /** To a file that is open: no name is looked up any more. */
  void apply(Descriptor file, LayerEntry entry) {
    check(entry);
    if (ownership == Ownership.GIVEN) {
      owned(
          linux.files().chownRaw(file, "", entry.uid(), entry.gid(), FileCalls.EMPTY_PATH), entry);
    }
    stored(entry)
        .forEach(
            (name, value) -> set(linux.files().setAttributeRaw(file, name, value), name, entry));
    linux.files().chmod(file, entry.mode());
    linux.files().setTimes(file, "", entry.modified(), entry.modified(), 0);
  }

  private void check(LayerEntry entry) {
    checkOwner(entry.uid(), entry);
    checkOwner(entry.gid(), entry);
  }

  private void checkOwner(long id, LayerEntry entry) {
    if (id < 0 || id > HIGHEST_ID) {
      throw new LayerRefused(
          layer + " gives \"" + ByteName.shown(entry.name()) + "\" to the impossible owner " + id);
    }
  }

  private void owned(long result, LayerEntry entry) {
    // chown(2): the id has no mapping in this user namespace.
    if (result == -Errno.EINVAL) {
      throw new LayerRefused(
          layer
              + " gives \""
              + ByteName.shown(entry.name())
              + "\" to "
              + entry.uid()
              + ":"
              + entry.gid()
              + ", which no id of yours is mapped to; ask for a larger range in /etc/subuid and"
              + " /etc/subgid");
    }
    if (result < 0) {
      throw new SyscallFailed(SystemCall.FCHOWNAT, entry.name(), (int) -result);
    }
  }

  // By the path of the folder's descriptor: there is no setxattrat(2) before Linux 6.13, and a
  // device is not to be opened.
  private void extended(String path, LayerEntry entry) {
    Map<String, byte[]> wanted = stored(entry);
    if (entry.isFolder()) {
      inherited.given(wanted.keySet());
    }
    wanted.forEach(
        (name, value) -> set(linux.files().setLinkAttributeRaw(path, name, value), name, entry));
  }

  private void set(long result, String name, LayerEntry entry) {
    if (result == -Errno.EOPNOTSUPP || result == -Errno.EPERM) {
      lost.add(name, entry.name());
    } else if (result < 0) {
      throw new SyscallFailed(SystemCall.LSETXATTR, name, (int) -result);
    }
  }

  private Map<String, byte[]> stored(LayerEntry entry) {
    boolean plain = entry.extended().isEmpty();
    boolean noted = ownership == Ownership.RECORDED_ONLY && entry.uid() + entry.gid() != 0;
    if (plain && !noted) {
      return Map.of();
    }
    Map<String, byte[]> stored = new TreeMap<>();
    entry
        .extended()
        .forEach((name, value) -> {
          if (!hosts(name) && !name.equals(RecordedOwner.ATTRIBUTE)) {
            stored.put(form.escaped(name), value);
          }
        });
    boolean takes = entry.isFolder() || entry.kind() == LayerEntry.Kind.FILE;
    if (noted && takes) {
      stored.put(RecordedOwner.ATTRIBUTE, new RecordedOwner(entry.uid(), entry.gid()).encoded());
    }
    return stored;
  }

  // Labels are the host's to give; NFS access lists have no meaning elsewhere.
  static boolean hosts(String attribute) {
    return attribute.equals("security.selinux") || attribute.equals("system.nfs4_acl");
  }
}
