package dev.jrunc.image.layer;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.Timestamp;
import java.util.Map;
import java.util.TreeMap;

/** The times that folders are to have in the end, when nothing is made in them any more. */
final class FolderTimes {
  private final RootTree tree;
  private final TreeMap<String, Timestamp> times = new TreeMap<>();

  FolderTimes(RootTree tree) {
    this.tree = tree;
  }

  void remember(String path, Timestamp time) {
    times.put(path, time);
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
