package dev.jrunc.image.layer;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.Timestamp;
import java.util.LinkedHashMap;
import java.util.Map;

/** The times that folders are to have in the end, when nothing is made in them any more. */
final class FolderTimes {
  private final RootTree tree;
  private final Map<String, Timestamp> times = new LinkedHashMap<>();

  FolderTimes(RootTree tree) {
    this.tree = tree;
  }

  void remember(String path, Timestamp time) {
    times.put(path, time);
  }

  /** A folder that is gone needs no time any more. */
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
