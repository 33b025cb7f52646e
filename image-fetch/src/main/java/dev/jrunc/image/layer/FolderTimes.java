package dev.jrunc.image.layer;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.Timestamp;
import java.util.Map;
import java.util.TreeMap;

/** The times that folders are to have in the end, when nothing is made in them any more. */
final class FolderTimes {
  static final Timestamp EPOCH = new Timestamp(0, 0);

  private final RootTree tree;
  private final TreeMap<String, Timestamp> times = new TreeMap<>();

  FolderTimes(RootTree tree) {
    this.tree = tree;
  }

  void remember(String path, Timestamp time) {
    times.put(path, time);
  }

  /** Something is about to be made in {@code folder}: if no layer said its time, it stays. */
  void keep(String path, Descriptor folder) {
    if (!times.containsKey(path)) {
      times.put(path, tree.linux().files().status(folder).modified());
    }
  }

  /** A folder that no layer names has the same time in every bundle. */
  void implied(String path) {
    times.put(path, EPOCH);
  }

  /** What was at {@code path} and below is gone: another folder may come there, by a link. */
  void forget(String path) {
    times.remove(path);
    times.subMap(path + "/", path + "0").clear(); // '0' follows '/'
  }

  void restore() {
    for (Map.Entry<String, Timestamp> entry : times.entrySet()) {
      Descriptor folder = tree.find(entry.getKey());
      if (folder != null) {
        tree.linux()
            .files()
            .setTimes(folder, ".", entry.getValue(), entry.getValue(), FileCalls.NOFOLLOW);
      }
    }
  }
}
