package dev.jrunc.image.layer;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.OpenFlags;
import java.util.List;
import java.util.Set;

/** Whiteouts in a tree of all layers: what they hide goes, but for what this layer made. */
final class RemovedNames implements Hiding {
  private final RootTree tree;
  private final Set<String> made;

  RemovedNames(RootTree tree, Set<String> made) {
    this.tree = tree;
    this.made = made;
  }

  @Override
  public void hideAll(String path) {
    Descriptor folder = tree.find(path);
    if (folder == null) {
      return;
    }
    List<String> children;
    try (Descriptor listed =
        tree.linux().files().open(folder, ".", OpenFlags.RDONLY | OpenFlags.DIRECTORY, 0)) {
      children = tree.linux().files().list(listed);
    }
    for (String child : children) {
      hide(path, child);
    }
  }

  // What this layer made stays; of a folder that holds such, all the rest goes.
  @Override
  public void hide(String parent, String name) {
    Descriptor folder = tree.find(parent);
    if (folder == null) {
      return;
    }
    String path = RootTree.join(tree.real(), name);
    FileStatus status = tree.linux().files().statusOrNull(folder, name, FileCalls.NOFOLLOW);
    if (status == null) {
      return;
    }
    if (!made.contains(path)) {
      tree.remove(folder, name, path);
    } else if (status.is(FileMode.DIRECTORY)) {
      hideAll(path);
    }
  }

  @Override
  public void finish() {}
}
