package dev.jrunc.image.layer;

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
import dev.jrunc.kernel.Timestamp;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

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
  private final List<TarArchiveEntry> laterLinks = new ArrayList<>();
  private final byte[] buffer = new byte[1 << 16];
  private int entries;

  EntryApplier(RootTree tree, String layer, FolderTimes times) {
    this.tree = tree;
    this.linux = tree.linux();
    this.layer = layer;
    this.times = times;
    this.attributes = new EntryAttributes(linux, layer);
  }

  void apply(TarArchiveEntry entry, InputStream content) throws IOException {
    if (++entries > MOST_ENTRIES) {
      throw new LayerRefused(layer + " holds more than " + MOST_ENTRIES + " entries");
    }
    EntryName name = EntryName.parse(entry.getName(), layer);
    try {
      if (name.isRoot()) {
        root(entry);
      } else if (name.name().startsWith(WHITEOUT)) {
        whiteout(name);
      } else {
        make(entry, name, content);
      }
    } catch (SyscallFailed e) {
      throw new SyscallFailed(e.call(), "\"" + name.path() + "\"", e.errno());
    }
  }

  /** Links to entries that came after them. */
  void finish() {
    for (TarArchiveEntry entry : laterLinks) {
      EntryName name = EntryName.parse(entry.getName(), layer);
      if (!hardLink(entry, name)) {
        throw new LayerRefused(
            layer
                + " holds the hard link \""
                + name.path()
                + "\" to \""
                + entry.getLinkName()
                + "\", which is not in the image");
      }
    }
  }

  // CVE-2021-29136: the root is a folder and stays one.
  private void root(TarArchiveEntry entry) {
    if (!entry.isDirectory()) {
      throw new LayerRefused(layer + " wants to replace the root of the image by a file or link");
    }
    attributes.apply(tree.root(), ".", entry);
    times.remember("", modified(entry));
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
          layer + " holds the whiteout \"" + name.path() + "\", which names nothing to hide");
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
      return;
    }
    FileStatus status = linux.files().statusOrNull(folder, name, FileCalls.NOFOLLOW);
    if (status != null && status.is(FileMode.DIRECTORY)) {
      hideAll(path);
    }
  }

  private void make(TarArchiveEntry entry, EntryName name, InputStream content) throws IOException {
    if (entry.isLink()) {
      if (!hardLink(entry, name)) {
        laterLinks.add(entry);
      }
      return;
    }
    Descriptor folder = tree.folder(name.parent());
    clear(entry, folder, name);
    if (entry.isDirectory()) {
      makeFolder(folder, name.name());
    } else if (entry.isSymbolicLink()) {
      linux.files().symlink(entry.getLinkName(), folder, name.name());
    } else if (entry.isCharacterDevice() || entry.isBlockDevice()) {
      makeDevice(entry, folder, name);
    } else if (entry.isFIFO()) {
      linux.files().mknod(folder, name.name(), FileMode.FIFO | 0600, new DeviceNumber(0, 0));
    } else if (entry.isFile()) {
      writeFile(folder, name, content);
    } else {
      throw new LayerRefused(layer + " holds \"" + name.path() + "\", an entry of an unknown kind");
    }
    remember(name.path());
    attributes.apply(folder, name.name(), entry);
    if (entry.isDirectory()) {
      times.remember(name.path(), modified(entry));
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

  // A folder on a folder keeps its children; everything else replaces what was there.
  private void clear(TarArchiveEntry entry, Descriptor folder, EntryName name) {
    FileStatus there = linux.files().statusOrNull(folder, name.name(), FileCalls.NOFOLLOW);
    if (there != null && !(entry.isDirectory() && there.is(FileMode.DIRECTORY))) {
      removeKeeping(folder, name);
    }
  }

  private void removeKeeping(Descriptor folder, EntryName name) {
    long result = linux.files().unlinkRaw(folder, name.name(), 0);
    if (result < 0) {
      try (Descriptor kept = linux.streams().duplicate(folder, 3)) {
        tree.remove(kept, name.name());
      }
      tree.folder(name.parent());
    }
  }

  private void makeFolder(Descriptor folder, String name) {
    long result = linux.files().mkdirRaw(folder, name, 0700);
    if (result < 0 && result != -Errno.EEXIST) {
      throw new SyscallFailed(SystemCall.MKDIRAT, name, (int) -result);
    }
  }

  private void makeDevice(TarArchiveEntry entry, Descriptor folder, EntryName name) {
    DeviceNumber number = new DeviceNumber(entry.getDevMajor(), entry.getDevMinor());
    if (entry.isCharacterDevice() && number.major() == 0 && number.minor() == 0) {
      throw new LayerRefused(
          layer + " holds \"" + name.path() + "\", an overlayfs whiteout, which no layer may");
    }
    int type = entry.isBlockDevice() ? FileMode.BLOCK_DEVICE : FileMode.CHARACTER_DEVICE;
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
  private boolean hardLink(TarArchiveEntry entry, EntryName name) {
    String raw = entry.getLinkName();
    EntryName target = EntryName.parse(raw.startsWith("/") ? raw.substring(1) : raw, layer);
    Descriptor found = tree.find(target.parent());
    if (found == null) {
      return false;
    }
    try (Descriptor source = linux.streams().duplicate(found, 3)) {
      if (linux.files().statusOrNull(source, target.name(), FileCalls.NOFOLLOW) == null) {
        return false;
      }
      Descriptor folder = tree.folder(name.parent());
      clear(entry, folder, name);
      folder = tree.folder(name.parent());
      long result = linux.files().linkRaw(source, target.name(), folder, name.name(), 0);
      if (result < 0) {
        throw new SyscallFailed(SystemCall.LINKAT, "\"" + name.path() + "\"", (int) -result);
      }
      remember(name.path());
      return true;
    }
  }

  static Timestamp modified(TarArchiveEntry entry) {
    FileTime time = entry.getLastModifiedTime();
    Instant instant = time == null ? Instant.EPOCH : time.toInstant();
    return new Timestamp(instant.getEpochSecond(), instant.getNano());
  }
}
