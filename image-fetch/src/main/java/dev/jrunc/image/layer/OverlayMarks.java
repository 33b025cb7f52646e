package dev.jrunc.image.layer;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.DeviceNumber;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Whiteouts in a layer of an overlay mount, made when all else is there: a device 0:0 in place of a
 * hidden name, an attribute for a folder that hides all below it. A name that the layer makes
 * itself hides the lower one without a mark, unless both are folders: then it must be opaque.
 */
final class OverlayMarks implements Hiding {
  private static final byte[] YES = {'y'};

  /** A whiteout, kept until the end. */
  private record Hidden(String folder, String name) {}

  private final RootTree tree;
  private final TreeForm form;
  private final Set<String> made;
  private final List<Hidden> hidden = new ArrayList<>();
  private final Set<String> emptied = new TreeSet<>();

  OverlayMarks(RootTree tree, TreeForm form, Set<String> made) {
    this.tree = tree;
    this.form = form;
    this.made = made;
  }

  @Override
  public void hide(String folder, String name) {
    hidden.add(new Hidden(folder, name));
  }

  @Override
  public void hideAll(String folder) {
    // No attribute makes the root of a layer opaque: a whiteout for each lower name must do.
    if (folder.isEmpty()) {
      throw new NeedsLowerLayers();
    }
    emptied.add(folder);
  }

  @Override
  public void finish() {
    Set<String> opaque = new TreeSet<>();
    for (String path : emptied) {
      if (!made.contains(path)) {
        throw new NeedsLowerLayers();
      }
      if (isFolder(path)) {
        mark(path, opaque);
      }
    }
    for (Hidden each : hidden) {
      String path = RootTree.join(each.folder(), each.name());
      if (made.contains(path)) {
        if (isFolder(path)) {
          mark(path, opaque);
        }
      } else if (!isBelow(each.folder(), opaque)) {
        whiteout(each, path);
      }
    }
  }

  private boolean isFolder(String path) {
    Descriptor folder = folder(RootTree.above(path));
    String name = path.substring(path.lastIndexOf('/') + 1);
    FileStatus status = tree.linux().files().statusOrNull(folder, name, FileCalls.NOFOLLOW);
    return status != null && status.is(FileMode.DIRECTORY);
  }

  // Of a folder that is only in a lower layer it is not known here what it is like.
  private Descriptor folder(String path) {
    Descriptor folder = tree.find(path);
    if (folder == null) {
      throw new NeedsLowerLayers();
    }
    return folder;
  }

  private void mark(String path, Set<String> opaque) {
    String folder = folder(path).procPath();
    long result = tree.linux().files().setLinkAttributeRaw(folder + "/.", form.opaque(), YES);
    if (result < 0) {
      throw new SyscallFailed(SystemCall.LSETXATTR, form.opaque(), (int) -result);
    }
    opaque.add(path);
    tree.record().emptied(path);
  }

  // Below an opaque folder nothing lower is to be seen; a mark there would show up in listings.
  private static boolean isBelow(String path, Set<String> opaque) {
    for (String each = path; ; each = RootTree.above(each)) {
      if (opaque.contains(each)) {
        return true;
      }
      if (each.isEmpty()) {
        return false;
      }
    }
  }

  private void whiteout(Hidden each, String path) {
    Descriptor folder = folder(each.folder());
    tree.times().keep(each.folder(), folder);
    tree.linux()
        .files()
        .mknod(folder, each.name(), FileMode.CHARACTER_DEVICE, new DeviceNumber(0, 0));
    made.add(path);
    tree.record().gone(path);
  }
}
