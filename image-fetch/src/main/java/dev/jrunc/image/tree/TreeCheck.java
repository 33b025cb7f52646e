package dev.jrunc.image.tree;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Gate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Compares a tree with what ought to be there. */
public final class TreeCheck {
  private final TreeReader reader;
  private final boolean content;
  private final List<Drift> drifts = new ArrayList<>();
  private final Map<String, String> realNames = new HashMap<>();
  private final Set<String> groups = new HashSet<>();
  private int checked;

  /**
   * @param content whether to read the files; sizes and times are compared anyhow
   */
  public TreeCheck(Gate gate, boolean recordedOwners, boolean content) {
    this.reader = new TreeReader(gate, recordedOwners);
    this.content = content;
  }

  /**
   * All that differs, by path.
   *
   * @param expected in the order of a walk; both are gone through side by side, once
   */
  public List<Drift> compare(Descriptor root, SortedMap<String, FileFacts> expected) {
    expected.values().stream().map(FileFacts::same).filter(s -> !s.isEmpty()).forEach(groups::add);
    Deque<Map.Entry<String, FileFacts>> next = new ArrayDeque<>(1);
    Iterator<Map.Entry<String, FileFacts>> rest = expected.entrySet().iterator();
    reader.walk(
        root,
        (path, facts, parent, name) -> {
          checked++;
          FileFacts wanted = upTo(path, next, rest);
          if (wanted == null) {
            drifts.add(new Drift(Drift.Kind.ADDED, path, List.of()));
            return;
          }
          List<String> fields = fields(path, wanted, facts, parent, name);
          if (!fields.isEmpty()) {
            drifts.add(new Drift(Drift.Kind.CHANGED, path, fields));
          }
        });
    next.forEach(each -> missing(each.getKey()));
    rest.forEachRemaining(each -> missing(each.getKey()));
    drifts.sort((one, other) -> one.path().compareTo(other.path()));
    return List.copyOf(drifts);
  }

  // What ought to be before the path is missing; what ought to be at it is answered.
  private @Nullable FileFacts upTo(
      String path,
      Deque<Map.Entry<String, FileFacts>> next,
      Iterator<Map.Entry<String, FileFacts>> rest) {
    while (!next.isEmpty() || rest.hasNext()) {
      Map.Entry<String, FileFacts> each = next.isEmpty() ? rest.next() : next.pop();
      int order = WalkOrder.OF_PATHS.compare(each.getKey(), path);
      if (order == 0) {
        return each.getValue();
      }
      if (order > 0) {
        next.push(each);
        return null;
      }
      missing(each.getKey());
    }
    return null;
  }

  private void missing(String path) {
    drifts.add(new Drift(Drift.Kind.MISSING, path, List.of()));
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
    if (!groups.contains(group)) {
      return found.same().isEmpty(); // It is to have this one name.
    }
    String first = realNames.putIfAbsent(group, path);
    return first == null ? found.same().isEmpty() : first.equals(found.same());
  }

  private static boolean sameAttributes(Map<String, byte[]> one, Map<String, byte[]> other) {
    Set<String> names = new HashSet<>(one.keySet());
    names.addAll(other.keySet());
    return names.stream().allMatch(name -> Arrays.equals(one.get(name), other.get(name)));
  }
}
