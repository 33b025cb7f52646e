package dev.jrunc.image.diff;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.layer.LayerSource;
import dev.jrunc.image.layer.UnpackBudget;
import dev.jrunc.image.layer.UnpackLimits;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.store.ImageContent;
import dev.jrunc.image.store.ImageStore;
import dev.jrunc.image.tree.ByteName;
import dev.jrunc.spec.PointerSegment;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What is different in a second image. */
public record ImageDiff(
    List<Digest> sharedLayers,
    List<Digest> removedLayers,
    List<Digest> addedLayers,
    List<Setting> settings,
    List<Change> files) {

  /** A value of the configuration, by its JSON pointer; {@code null} text where there is none. */
  public record Setting(String pointer, String before, String after) {}

  /**
   * A file.
   *
   * @param change added, removed or changed
   * @param what is different in a changed one: kind, mode, owner, size, content
   */
  public record Change(String path, String change, List<String> what) {}

  public boolean isEmpty() {
    return removedLayers.isEmpty()
        && addedLayers.isEmpty()
        && settings.isEmpty()
        && files.isEmpty();
  }

  /**
   * Compares two images of the store.
   *
   * @param limits of each image's layers, which are read unless they are the same; null for not at
   *     all
   */
  public static ImageDiff between(
      ImageStore store, ImageContent one, ImageContent other, @Nullable UnpackLimits limits) {
    List<Digest> before = one.configuration().diffIds();
    List<Digest> after = other.configuration().diffIds();
    List<Digest> shared = new ArrayList<>(new LinkedHashSet<>(before));
    shared.retainAll(after);
    List<Digest> removed = new ArrayList<>(before);
    removed.removeAll(after);
    List<Digest> added = new ArrayList<>(after);
    added.removeAll(before);
    boolean sameFiles = before.equals(after);
    return new ImageDiff(
        List.copyOf(shared),
        List.copyOf(removed),
        List.copyOf(added),
        settings(one, other),
        limits != null && !sameFiles ? files(store, one, other, limits) : List.of());
  }

  private static List<Setting> settings(ImageContent one, ImageContent other) {
    Map<String, String> before = new TreeMap<>();
    Map<String, String> after = new TreeMap<>();
    flatten("", Json.object(one.configBytes(), "configuration"), before);
    flatten("", Json.object(other.configBytes(), "configuration"), after);
    Set<String> pointers = new TreeSet<>(before.keySet());
    pointers.addAll(after.keySet());
    List<Setting> settings = new ArrayList<>();
    for (String pointer : pointers) {
      String old = before.getOrDefault(pointer, "");
      String now = after.getOrDefault(pointer, "");
      // The layers have a part of their own, and their history says the same once more.
      boolean layers = pointer.startsWith("/rootfs") || pointer.startsWith("/history");
      if (!old.equals(now) && !layers) {
        settings.add(new Setting(pointer, old, now));
      }
    }
    return List.copyOf(settings);
  }

  private static void flatten(String pointer, JsonNode node, Map<String, String> into) {
    if (node.isObject() && !node.isEmpty()) {
      node.properties()
          .forEach(each ->
              flatten(pointer + "/" + PointerSegment.of(each.getKey()), each.getValue(), into));
    } else {
      into.put(pointer, node.toString());
    }
  }

  private static List<Change> files(
      ImageStore store, ImageContent one, ImageContent other, UnpackLimits limits) {
    int common = 0;
    List<Digest> before = one.configuration().diffIds();
    List<Digest> after = other.configuration().diffIds();
    while (common < Math.min(before.size(), after.size())
        && before.get(common).equals(after.get(common))) {
      common++;
    }
    // What both stand on is read once.
    FileTree base = new FileTree();
    UnpackBudget budget = new UnpackBudget(limits);
    apply(store, one, 0, common, base, budget);
    FileTree left = base.copy();
    UnpackBudget ownPart = budget.part();
    apply(store, one, common, before.size(), left, ownPart);
    ownPart.giveBack();
    apply(store, other, common, after.size(), base, budget);
    return compare(left, base);
  }

  private static void apply(
      ImageStore store, ImageContent image, int from, int to, FileTree tree, UnpackBudget budget) {
    for (int i = from; i < to; i++) {
      Descriptor layer = image.manifest().layers().get(i);
      Digest diffId = image.configuration().diffIds().get(i);
      String name = layer.digest().toString();
      tree.apply(new LayerSource(i + 1, name, diffId, () -> store.openUnchecked(layer)), budget);
    }
  }

  private static List<Change> compare(FileTree left, FileTree right) {
    Set<String> paths = new TreeSet<>(left.nodes().keySet());
    paths.addAll(right.nodes().keySet());
    List<Change> changes = new ArrayList<>();
    for (String path : paths) {
      FileTree.Node old = left.nodes().get(path);
      FileTree.Node now = right.nodes().get(path);
      if (old == null) {
        changes.add(new Change(shown(path), "added", List.of()));
      } else if (now == null) {
        changes.add(new Change(shown(path), "removed", List.of()));
      } else if (!old.equals(now)) {
        changes.add(new Change(shown(path), "changed", what(old, Objects.requireNonNull(now))));
      }
    }
    return List.copyOf(changes);
  }

  private static String shown(String path) {
    return "/" + ByteName.shown(path);
  }

  private static List<String> what(FileTree.Node old, FileTree.Node now) {
    List<String> what = new ArrayList<>();
    if (old.kind() != now.kind()) {
      what.add("kind");
    }
    if (old.mode() != now.mode()) {
      what.add("mode");
    }
    if (old.uid() != now.uid() || old.gid() != now.gid()) {
      what.add("owner");
    }
    if (old.size() != now.size()) {
      what.add("size");
    }
    if (!old.content().equals(now.content())) {
      what.add("content");
    }
    return List.copyOf(what);
  }
}
