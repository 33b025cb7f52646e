package dev.jrunc.image.layer;

import dev.jrunc.image.layer.LayerEntry.Kind;
import dev.jrunc.image.tree.ByteName;
import dev.jrunc.image.tree.FileFacts;
import dev.jrunc.image.tree.RecordedOwner;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.DeviceNumber;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Applies the entries of one layer. Whiteouts hide only what lower layers brought: what this layer
 * itself has made is remembered, so that their place in the archive makes no difference.
 */
final class EntryApplier {
  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";

  // In place of what mkdir(2) answers: the folder was there.
  private static final long KEPT = 1;

  // What eStargz adds for itself; to everybody else the layer is a plain one.
  private static final Set<String> STARGZ =
      Set.of("stargz.index.json", ".prefetch.landmark", ".no.prefetch.landmark");

  private final Unpacking unpacking;
  private final RootTree tree;
  private final Linux linux;
  private final String layer;
  private final FolderTimes times;
  private final EntryAttributes attributes;
  private final Hiding hiding;
  private final Contents files;
  private final Set<String> made = new HashSet<>();
  private final List<LayerEntry> laterLinks = new ArrayList<>();
  private boolean rootNamed;

  EntryApplier(Unpacking unpacking, RootTree tree, String layer) {
    this(unpacking, tree, layer, attributes -> new FileContent(unpacking, tree, attributes));
  }

  EntryApplier(
      Unpacking unpacking,
      RootTree tree,
      String layer,
      Function<EntryAttributes, Contents> contents) {
    this.unpacking = unpacking;
    this.tree = tree;
    this.linux = tree.linux();
    this.layer = layer;
    this.times = tree.times();
    TreeForm form = unpacking.form();
    this.attributes = new EntryAttributes(tree, layer, unpacking);
    this.hiding =
        form.isLayer() ? new OverlayMarks(tree, form, made) : new RemovedNames(tree, made);
    this.files = contents.apply(attributes);
  }

  void apply(LayerEntry entry, InputStream content) throws IOException {
    unpacking.budget().entry(layer);
    EntryName name = EntryName.parse(entry.name(), layer, unpacking.limits().depth());
    try {
      if (name.isBelowWhiteout()) {
        return; // What AUFS keeps for itself, in .wh..wh.plnk and its like.
      }
      if (name.isRoot()) {
        root(entry);
      } else if (name.name().startsWith(WHITEOUT)) {
        whiteout(name);
      } else if (!name.parent().isEmpty() || !STARGZ.contains(name.name())) {
        make(entry, name, content);
      }
    } catch (SyscallFailed e) {
      throw new SyscallFailed(e.call(), name.toString(), e.errno());
    }
  }

  /** Links to entries that came after them, and whiteouts that had to wait. */
  void finish() {
    for (LayerEntry entry : laterLinks) {
      EntryName name = EntryName.parse(entry.name(), layer, unpacking.limits().depth());
      if (!hardLink(entry, name)) {
        if (unpacking.alone()) {
          throw new NeedsLowerLayers();
        }
        throw new LayerRefused(
            layer
                + " holds the hard link "
                + name
                + " to \""
                + ByteName.shown(entry.link())
                + "\", which is not in the image");
      }
    }
    hiding.finish();
  }

  /** Whether the layer says what the root is like. */
  boolean rootNamed() {
    return rootNamed;
  }

  // CVE-2021-29136: the root is a folder and stays one.
  private void root(LayerEntry entry) {
    if (!entry.isFolder()) {
      throw new LayerRefused(layer + " wants to replace the root of the image by a file or link");
    }
    rootNamed = true;
    attributes.applyAgain(tree.root(), ".", entry);
    times.remember("", entry.modified());
    tree.record().made("", facts(entry));
  }

  private void whiteout(EntryName name) {
    if (name.name().equals(OPAQUE)) {
      hiding.hideAll(name.parent());
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
    hiding.hide(name.parent(), hidden);
  }

  private void make(LayerEntry entry, EntryName name, InputStream content) throws IOException {
    if (entry.kind() == Kind.HARD_LINK) {
      if (!hardLink(entry, name)) {
        laterLinks.add(entry);
      }
      return;
    }
    Descriptor folder = tree.folder(name.parent());
    String path = checkedPath(name);
    times.keep(tree.real(), folder);
    // What is there is in the way, but for a folder in the place of a folder.
    long result = tryToMake(entry, folder, name, path, content);
    if (result == -Errno.EEXIST) {
      tree.remove(folder, name.name(), path);
      folder = tree.folder(name.parent());
      result = tryToMake(entry, folder, name, path, content);
    }
    if (result < 0) {
      throw new SyscallFailed(call(entry.kind()), path, (int) -result);
    }
    remember(path);
    if (entry.kind() != Kind.FILE) {
      if (result == KEPT) {
        attributes.applyAgain(folder, name.name(), entry);
      } else {
        attributes.apply(folder, name.name(), entry);
      }
      tree.record().made(path, facts(entry));
    }
    if (entry.isFolder()) {
      times.remember(path, entry.modified());
    }
  }

  private long tryToMake(
      LayerEntry entry, Descriptor folder, EntryName name, String path, InputStream content)
      throws IOException {
    return switch (entry.kind()) {
      case FOLDER -> {
        long result = linux.files().mkdirRaw(folder, name.name(), 0700);
        yield result == -Errno.EEXIST && isFolder(folder, name.name()) ? KEPT : result;
      }
      case SYMLINK -> linux.files().symlinkRaw(entry.link(), folder, name.name());
      case CHARACTER_DEVICE, BLOCK_DEVICE -> device(entry, folder, name);
      case FIFO ->
          linux.files().mknodRaw(folder, name.name(), FileMode.FIFO | 0600, new DeviceNumber(0, 0));
      case FILE, HARD_LINK -> files.write(folder, name.name(), path, entry, facts(entry), content);
    };
  }

  // A path through links can be deeper than the name: what cannot be reached by its path later
  // could not be removed either.
  private String checkedPath(EntryName name) {
    String path = RootTree.join(tree.real(), name.name());
    if (path.length() > EntryName.LONGEST_PATH || depth(path) > unpacking.limits().depth()) {
      throw new LayerRefused(layer + " holds " + name + ", which lies too deep");
    }
    return path;
  }

  private static int depth(String path) {
    int depth = 1;
    for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      depth++;
    }
    return depth;
  }

  private static SystemCall call(Kind kind) {
    return switch (kind) {
      case FOLDER -> SystemCall.MKDIRAT;
      case SYMLINK -> SystemCall.SYMLINKAT;
      case FILE, HARD_LINK -> SystemCall.OPENAT;
      case CHARACTER_DEVICE, BLOCK_DEVICE, FIFO -> SystemCall.MKNODAT;
    };
  }

  private boolean isFolder(Descriptor folder, String name) {
    FileStatus there = linux.files().statusOrNull(folder, name, FileCalls.NOFOLLOW);
    return there != null && there.is(FileMode.DIRECTORY);
  }

  private void remember(String path) {
    for (String each = path; made.add(each); each = RootTree.above(each)) {
      if (each.indexOf('/') < 0) {
        return;
      }
    }
  }

  private long device(LayerEntry entry, Descriptor folder, EntryName name) {
    DeviceNumber number = entry.device();
    boolean character = entry.kind() == Kind.CHARACTER_DEVICE;
    if (character && number.major() == 0 && number.minor() == 0) {
      throw new LayerRefused(
          layer + " holds " + name + ", an overlayfs whiteout, which no layer may");
    }
    int type = character ? FileMode.CHARACTER_DEVICE : FileMode.BLOCK_DEVICE;
    long result = linux.files().mknodRaw(folder, name.name(), type | 0600, number);
    if (result == -Errno.EPERM && unpacking.withoutDevices()) {
      // An empty file keeps its place, as umoci does for users without root.
      return linux.files().mknodRaw(folder, name.name(), FileMode.REGULAR, new DeviceNumber(0, 0));
    }
    return result;
  }

  // False where the target is not there yet. The target is found inside the root as any other path;
  // the last name is not followed, so a link to a link is a link to that link.
  private boolean hardLink(LayerEntry entry, EntryName name) {
    EntryName target = EntryName.parse(entry.link(), layer, unpacking.limits().depth());
    Descriptor found = tree.find(target.parent());
    if (found == null) {
      return false;
    }
    String source = RootTree.join(tree.real(), target.name());
    try (Descriptor from = linux.streams().duplicate(found, 3)) {
      FileStatus there = linux.files().statusOrNull(from, target.name(), FileCalls.NOFOLLOW);
      if (there == null) {
        return false;
      }
      if (there.is(FileMode.DIRECTORY)) {
        throw new LayerRefused(layer + " holds the hard link " + name + " to a folder, " + target);
      }
      Descriptor folder = tree.folder(name.parent());
      String path = checkedPath(name);
      if (path.equals(source)) {
        return true; // To itself: it is there.
      }
      times.keep(tree.real(), folder);
      long result = linux.files().linkRaw(from, target.name(), folder, name.name(), 0);
      if (result == -Errno.EEXIST) {
        tree.remove(folder, name.name(), path);
        folder = tree.folder(name.parent());
        result = linux.files().linkRaw(from, target.name(), folder, name.name(), 0);
      }
      if (result < 0) {
        throw new SyscallFailed(SystemCall.LINKAT, name.toString(), (int) -result);
      }
      remember(path);
      tree.record().linked(path, source);
      return true;
    }
  }

  private FileFacts facts(LayerEntry entry) {
    Map<String, byte[]> extended = new HashMap<>(entry.extended());
    extended.keySet().removeIf(EntryAttributes::hosts);
    extended.remove(RecordedOwner.ATTRIBUTE);
    char kind =
        switch (entry.kind()) {
          case FILE, HARD_LINK -> '-';
          case FOLDER -> 'd';
          case SYMLINK -> 'l';
          case CHARACTER_DEVICE -> 'c';
          case BLOCK_DEVICE -> 'b';
          case FIFO -> 'p';
        };
    return new FileFacts(
        kind,
        entry.kind() == Kind.SYMLINK ? 0777 : entry.mode(),
        entry.uid(),
        entry.gid(),
        0,
        entry.modified(),
        entry.device(),
        entry.kind() == Kind.SYMLINK ? entry.link() : "",
        extended,
        "",
        "");
  }
}
