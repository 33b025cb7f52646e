package dev.jrunc.image.commit;

import dev.jrunc.image.tree.Drift;
import dev.jrunc.image.tree.FileFacts;
import dev.jrunc.image.tree.TreeReader;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Writes what changed in a tree as a layer. */
final class ChangedFiles {
  private final Linux linux;
  private final boolean recordedOwners;

  ChangedFiles(Gate gate, boolean recordedOwners) {
    this.linux = Linux.over(gate, StandardCharsets.ISO_8859_1);
    this.recordedOwners = recordedOwners;
  }

  /**
   * Whiteouts first, then what is there now: folders before what is in them, and all names of a
   * file that has several, so that no link leads to a lower layer, where engines do not find it.
   *
   * @param before what ought to be there
   */
  void write(Descriptor root, List<Drift> drifts, Map<String, FileFacts> before, LayerWriter layer)
      throws IOException {
    Set<String> gone = new TreeSet<>();
    Set<String> changed = new HashSet<>();
    for (Drift drift : drifts) {
      if (drift.kind() == Drift.Kind.MISSING) {
        gone.add(drift.path());
      } else {
        changed.add(drift.path());
      }
    }
    Set<String> wanted = withLinks(root, changed);
    withFolders(wanted, gone);
    // A whiteout needs its folder in the layer, or nobody knows what that is like.
    TreeReader reader = new TreeReader(linux.gate(), recordedOwners);
    try {
      reader.walk(
          root,
          (path, facts, parent, name) -> {
            if (wanted.contains(path) && facts.kind() != 's') {
              put(layer, path, facts, parent, name);
            }
            if (facts.isFolder()) {
              whiteouts(layer, path, gone, before);
            }
          });
    } catch (UncheckedIOException e) {
      throw e.getCause() == null ? new IOException(e) : e.getCause();
    }
  }

  private Set<String> withLinks(Descriptor root, Set<String> changed) {
    Set<String> groups = new HashSet<>();
    new TreeReader(linux.gate(), recordedOwners)
        .walk(
            root,
            (path, facts, parent, name) -> {
              if (changed.contains(path)) {
                groups.add(facts.same().isEmpty() ? path : facts.same());
              }
            });
    Set<String> wanted = new HashSet<>(changed);
    new TreeReader(linux.gate(), recordedOwners)
        .walk(
            root,
            (path, facts, parent, name) -> {
              if (!facts.isFolder()
                  && groups.contains(facts.same().isEmpty() ? path : facts.same())) {
                wanted.add(path);
              }
            });
    return wanted;
  }

  private static void withFolders(Set<String> wanted, Set<String> gone) {
    Set<String> all = new HashSet<>(wanted);
    all.addAll(gone);
    for (String path : all) {
      for (String each = path; !each.isEmpty(); ) {
        each = each.substring(0, Math.max(each.lastIndexOf('/'), 0));
        if (!each.isEmpty()) {
          wanted.add(each);
        }
      }
    }
  }

  // Of what is gone with all below it, the uppermost alone; where the folder itself is another kind
  // of file now, that hides the rest.
  private static void whiteouts(
      LayerWriter layer, String folder, Set<String> gone, Map<String, FileFacts> before) {
    String prefix = folder.isEmpty() ? "" : folder + "/";
    FileFacts old = before.get(folder);
    if (old == null || !old.isFolder()) {
      return;
    }
    for (String path : gone) {
      String name = path.startsWith(prefix) ? path.substring(prefix.length()) : "";
      if (!name.isEmpty() && name.indexOf('/') < 0) {
        try {
          layer.whiteout(folder, name);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void put(
      LayerWriter layer, String path, FileFacts facts, Descriptor parent, String name) {
    try {
      if (!facts.same().isEmpty()) {
        layer.link(path, facts, facts.same());
      } else if (facts.kind() == '-') {
        int flags = OpenFlags.RDONLY | OpenFlags.NOFOLLOW;
        try (Descriptor file = linux.files().open(parent, name, flags, 0);
            InputStream content = new OpenedFile(linux, file)) {
          layer.file(path, facts, content);
        }
      } else {
        layer.entry(path, facts);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is behind a descriptor, as a stream. */
  private static final class OpenedFile extends InputStream {
    private final Linux linux;
    private final Descriptor file;
    private final byte[] buffer = new byte[1 << 16];
    private int position;
    private int limit;

    OpenedFile(Linux linux, Descriptor file) {
      this.linux = linux;
      this.file = file;
    }

    @Override
    public int read() {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      if (position == limit) {
        position = 0;
        limit = linux.streams().read(file, buffer);
        if (limit == 0) {
          return -1;
        }
      }
      int count = Math.min(length, limit - position);
      System.arraycopy(buffer, position, target, offset, count);
      position += count;
      return count;
    }
  }
}
