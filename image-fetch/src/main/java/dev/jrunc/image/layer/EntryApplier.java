package dev.jrunc.image.layer;

import dev.jrunc.image.layer.LayerEntry.Kind;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.DeviceNumber;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Applies the entries of one layer. Whiteouts hide only what lower layers brought: what this layer
 * itself has made is remembered, so that their place in the archive makes no difference.
 */
final class EntryApplier {
  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";
  private static final int MOST_ENTRIES = 5_000_000;

  private final RootTree tree;
  private final Linux linux;
  private final String layer;
  private final FolderTimes times;
  private final EntryAttributes attributes;
  private final Set<String> made = new HashSet<>();
  private final List<LayerEntry> laterLinks = new ArrayList<>();
  private final byte[] buffer = new byte[1 << 16];
  private int entries;

  EntryApplier(RootTree tree, String layer, FolderTimes times) {
    this.tree = tree;
    this.linux = tree.linux();
    this.layer = layer;
    this.times = times;
    this.attributes = new EntryAttributes(linux, layer);
  }

  void apply(LayerEntry entry, InputStream content) throws IOException {
    if (++entries > MOST_ENTRIES) {
      throw new LayerRefused(layer + " holds more than " + MOST_ENTRIES + " entries");
    }
    EntryName name = EntryName.parse(entry.name(), layer);
    try {
      if (name.isBelowWhiteout()) {
        return; // What AUFS keeps for itself, in .wh..wh.plnk and its like.
      }
      if (name.isRoot()) {
        root(entry);
      } else if (name.name().startsWith(WHITEOUT)) {
        whiteout(name);
      } else {
        make(entry, name, content);
      }
    } catch (SyscallFailed e) {
      throw new SyscallFailed(e.call(), name.toString(), e.errno());
    }
  }

  /** Links to entries that came after them. */
  void finish() {
    for (LayerEntry entry : laterLinks) {
      EntryName name = EntryName.parse(entry.name(), layer);
      if (!hardLink(entry, name)) {
        throw new LayerRefused(
            layer
                + " holds the hard link "
                + name
                + " to \""
                + EntryName.shown(entry.link())
                + "\", which is not in the image");
      }
    }
  }

  // CVE-2021-29136: the root is a folder and stays one.
  private void root(LayerEntry entry) {
    if (!entry.isFolder()) {
      throw new LayerRefused(layer + " wants to replace the root of the image by a file or link");
    }
    attributes.apply(tree.root(), ".", entry);
    times.remember("", entry.modified());
  }

  private void whiteout(EntryName name) {
    if (name.name().equals(OPAQUE)) {
      Descriptor folder = tree.find(name.parent());
      if (folder != null) {
        hideAll(name.parent());
      }
      return;
    }
    if (name.name().startsWith(".wh..wh.")) {
      return; // Records of AUFS itself; they hide nothing.
    }
    String hidden = name.name().substring(WHITEOUT.length());
    if (hidden.isEmpty() || hidden.equals(".") || hidden.equals("..")) {
      throw new LayerRefused(
          layer + " holds the whiteout " + name + ", which names nothing to hide");
    }
    hide(name.parent(), hidden);
  }

  private void hideAll(String path) {
    Descriptor folder = tree.find(path);
    if (folder == null) {
      return;
    }
    List<String> children;
    try (Descriptor listed =
        linux.files().open(folder, ".", OpenFlags.RDONLY | OpenFlags.DIRECTORY, 0)) {
      children = linux.files().list(listed);
    }
    for (String child : children) {
      hide(path, child);
    }
  }

  // What this layer made stays; of a folder that holds such, all the rest goes.
  private void hide(String parent, String name) {
    String path = parent.isEmpty() ? name : parent + "/" + name;
    Descriptor folder = tree.find(parent);
    if (folder == null) {
      return;
    }
    if (!made.contains(path)) {
      tree.remove(folder, name);
      times.forget(path);
      return;
    }
    FileStatus status = linux.files().statusOrNull(folder, name, FileCalls.NOFOLLOW);
    if (status != null && status.is(FileMode.DIRECTORY)) {
      hideAll(path);
    }
  }

  private void make(LayerEntry entry, EntryName name, InputStream content) throws IOException {
    if (entry.kind() == Kind.HARD_LINK) {
      if (!hardLink(entry, name)) {
        laterLinks.add(entry);
      }
      return;
    }
    Descriptor folder = place(entry, name);
    switch (entry.kind()) {
      case FOLDER -> makeFolder(folder, name.name());
      case SYMLINK -> linux.files().symlink(entry.link(), folder, name.name());
      case CHARACTER_DEVICE, BLOCK_DEVICE -> makeDevice(entry, folder, name);
      case FIFO ->
          linux.files().mknod(folder, name.name(), FileMode.FIFO | 0600, new DeviceNumber(0, 0));
      case FILE, HARD_LINK -> writeFile(folder, name, content);
    }
    remember(name.path());
    attributes.apply(folder, name.name(), entry);
    if (entry.isFolder()) {
      times.remember(name.path(), entry.modified());
    }
  }

  private void remember(String path) {
    for (String each = path; made.add(each); ) {
      int slash = each.lastIndexOf('/');
      if (slash < 0) {
        return;
      }
      each = each.substring(0, slash);
    }
  }

  // The folder to make it in, cleared: a folder on a folder keeps its children, everything else
  // replaces what was there.
  private Descriptor place(LayerEntry entry, EntryName name) {
    Descriptor folder = tree.folder(name.parent());
    FileStatus there = linux.files().statusOrNull(folder, name.name(), FileCalls.NOFOLLOW);
    if (there == null || (entry.isFolder() && there.is(FileMode.DIRECTORY))) {
      return folder;
    }
    tree.remove(folder, name.name());
    times.forget(name.path());
    return tree.folder(name.parent());
  }

  private void makeFolder(Descriptor folder, String name) {
    long result = linux.files().mkdirRaw(folder, name, 0700);
    if (result < 0 && result != -Errno.EEXIST) {
      throw new SyscallFailed(SystemCall.MKDIRAT, name, (int) -result);
    }
  }

  private void makeDevice(LayerEntry entry, Descriptor folder, EntryName name) {
    DeviceNumber number = entry.device();
    boolean character = entry.kind() == Kind.CHARACTER_DEVICE;
    if (character && number.major() == 0 && number.minor() == 0) {
      throw new LayerRefused(
          layer + " holds " + name + ", an overlayfs whiteout, which no layer may");
    }
    int type = character ? FileMode.CHARACTER_DEVICE : FileMode.BLOCK_DEVICE;
    linux.files().mknod(folder, name.name(), type | 0600, number);
  }

  private void writeFile(Descriptor folder, EntryName name, InputStream content)
      throws IOException {
    int flags = OpenFlags.WRONLY | OpenFlags.CREAT | OpenFlags.EXCL | OpenFlags.NOFOLLOW;
    try (Descriptor file = linux.files().open(folder, name.name(), flags, 0600)) {
      for (int length; (length = content.read(buffer)) > 0; ) {
        long result = linux.streams().writeRaw(file, buffer, length);
        if (result < 0) {
          throw new SyscallFailed(SystemCall.WRITE, name.path(), (int) -result);
        }
      }
    }
  }

  // False where the target is not there yet. The target is found inside the root as any other path;
  // the last name is not followed, so a link to a link is a link to that link.
  private boolean hardLink(LayerEntry entry, EntryName name) {
    EntryName target = EntryName.target(entry.link(), layer);
    Descriptor found = tree.find(target.parent());
    if (found == null) {
      return false;
    }
    try (Descriptor source = linux.streams().duplicate(found, 3)) {
      FileStatus there = linux.files().statusOrNull(source, target.name(), FileCalls.NOFOLLOW);
      if (there == null) {
        return false;
      }
      if (there.is(FileMode.DIRECTORY)) {
        throw new LayerRefused(layer + " holds the hard link " + name + " to a folder, " + target);
      }
      Descriptor folder = place(entry, name);
      long result = linux.files().linkRaw(source, target.name(), folder, name.name(), 0);
      if (result < 0) {
        throw new SyscallFailed(SystemCall.LINKAT, name.toString(), (int) -result);
      }
      remember(name.path());
      return true;
    }
  }
}
