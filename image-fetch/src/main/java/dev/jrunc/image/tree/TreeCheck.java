package dev.jrunc.image.tree;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Gate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Compares a tree with what ought to be there. */
public final class TreeCheck {
  private final TreeReader reader;
  private final boolean content;
  private final List<Drift> drifts = new ArrayList<>();
  private final Map<String, String> realNames = new HashMap<>();
  private int checked;

  /**
   * @param content whether to read the files; sizes and times are compared anyhow
   */
  public TreeCheck(Gate gate, boolean recordedOwners, boolean content) {
    this.reader = new TreeReader(gate, recordedOwners);
    this.content = content;
  }

  /** All that differs, by path. */
  public List<Drift> compare(Descriptor root, Map<String, FileFacts> expected) {
    Set<String> missing = new TreeSet<>(expected.keySet());
    reader.walk(
        root,
        (path, facts, parent, name) -> {
          checked++;
          missing.remove(path);
          FileFacts wanted = expected.get(path);
          if (wanted == null) {
            drifts.add(new Drift(Drift.Kind.ADDED, path, List.of()));
            return;
          }
          List<String> fields = fields(path, wanted, facts, parent, name);
          if (!fields.isEmpty()) {
            drifts.add(new Drift(Drift.Kind.CHANGED, path, fields));
          }
        });
    missing.forEach(path -> drifts.add(new Drift(Drift.Kind.MISSING, path, List.of())));
    drifts.sort((one, other) -> one.path().compareTo(other.path()));
    return List.copyOf(drifts);
  }

  /** How many files there were. */
  public int checked() {
    return checked;
  }

  private List<String> fields(
      String path, FileFacts wanted, FileFacts found, Descriptor parent, String name) {
    List<String> fields = new ArrayList<>();
    if (wanted.kind() != found.kind()) {
      return List.of("type");
    }
    add(fields, "mode", wanted.kind() == 'l' || wanted.mode() == found.mode());
    add(fields, "uid", wanted.uid() == found.uid());
    add(fields, "gid", wanted.gid() == found.gid());
    add(fields, "mtime", wanted.modified() == null || wanted.modified().equals(found.modified()));
    add(fields, "target", wanted.target().equals(found.target()));
    boolean device = wanted.kind() == 'c' || wanted.kind() == 'b';
    add(fields, "device", !device || wanted.device().equals(found.device()));
    add(fields, "xattrs", sameAttributes(wanted.extended(), found.extended()));
    add(fields, "links", sameFile(path, wanted, found));
    add(fields, "size", wanted.size() == found.size());
    if (content && wanted.kind() == '-' && wanted.size() == found.size()) {
      add(fields, "sha256", wanted.sha256().equals(reader.sha256(parent, name)));
    }
    return fields;
  }

  private static void add(List<String> fields, String name, boolean same) {
    if (!same) {
      fields.add(name);
    }
  }

  // Which of the names comes first in a walk has nothing to do with which was unpacked first.
  private boolean sameFile(String path, FileFacts wanted, FileFacts found) {
    if (wanted.isFolder()) {
      return true;
    }
    String group = wanted.same().isEmpty() ? path : wanted.same();
    String first = realNames.putIfAbsent(group, path);
    return first == null ? found.same().isEmpty() : first.equals(found.same());
  }

  private static boolean sameAttributes(Map<String, byte[]> one, Map<String, byte[]> other) {
    Set<String> names = new HashSet<>(one.keySet());
    names.addAll(other.keySet());
    return names.stream().allMatch(name -> Arrays.equals(one.get(name), other.get(name)));
  }
}
