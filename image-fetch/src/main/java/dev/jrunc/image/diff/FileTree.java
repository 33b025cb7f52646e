package dev.jrunc.image.diff;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.layer.LayerEntry;
import dev.jrunc.image.layer.LayerReading;
import dev.jrunc.image.layer.LayerSource;
import dev.jrunc.image.layer.UnpackBudget;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** The files that layers add up to, as far as a listing needs them. Nothing is written anywhere. */
final class FileTree {
  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";

  /**
   * One file.
   *
   * @param size of a file, its holes among it
   * @param content digest of a file's content, target of a link, numbers of a device
   */
  record Node(char kind, int mode, long uid, long gid, long size, String content) {}

  private final NavigableMap<String, Node> nodes;

  FileTree() {
    this(new TreeMap<>());
  }

  private FileTree(NavigableMap<String, Node> nodes) {
    this.nodes = nodes;
  }

  Map<String, Node> nodes() {
    return nodes;
  }

  FileTree copy() {
    return new FileTree(new TreeMap<>(nodes));
  }

  /** Applies a layer: what it hides lies below it, whatever the order of its entries. */
  void apply(LayerSource layer, UnpackBudget budget) {
    NavigableMap<String, Node> added = new TreeMap<>();
    List<String> hidden = new ArrayList<>();
    List<String> opaque = new ArrayList<>();
    LayerReading.read(
        layer,
        budget,
        (path, entry, content) -> {
          int slash = path.lastIndexOf('/') + 1;
          String name = path.substring(slash);
          if (name.equals(OPAQUE)) {
            opaque.add(path.substring(0, slash));
          } else if (name.startsWith(WHITEOUT)) {
            hidden.add(path.substring(0, slash) + name.substring(WHITEOUT.length()));
          } else if (!path.isEmpty()) {
            added.put(path, node(layer, entry, content, added));
          }
        });
    put(added, hidden, opaque);
  }

  private void put(Map<String, Node> added, List<String> hidden, List<String> opaque) {
    opaque.forEach(this::removeBelow);
    hidden.forEach(path -> {
      nodes.remove(path);
      removeBelow(path + "/");
    });
    added.forEach((path, node) -> {
      if (node.kind != 'd') {
        removeBelow(path + "/");
      }
      nodes.put(path, node);
    });
  }

  private Node node(
      LayerSource layer, LayerEntry entry, InputStream content, Map<String, Node> added)
      throws IOException {
    return switch (entry.kind()) {
      case FILE -> file(entry, content);
      case FOLDER -> node(entry, 'd', "");
      case SYMLINK -> node(entry, 'l', entry.link());
      case FIFO -> node(entry, 'p', "");
      case CHARACTER_DEVICE -> node(entry, 'c', numbers(entry));
      case BLOCK_DEVICE -> node(entry, 'b', numbers(entry));
      case HARD_LINK -> {
        String target = LayerReading.target(layer, entry);
        Node there = added.getOrDefault(target, nodes.get(target));
        yield there == null ? node(entry, 'h', target) : there;
      }
    };
  }

  private static String numbers(LayerEntry entry) {
    return entry.device().major() + ":" + entry.device().minor();
  }

  private static Node file(LayerEntry entry, InputStream content) throws IOException {
    MessageDigest computation = Digest.Algorithm.SHA256.start();
    byte[] buffer = new byte[64 * 1024];
    long size = 0;
    for (int count; (count = content.read(buffer)) >= 0; size += count) {
      computation.update(buffer, 0, count);
    }
    String digest = Digest.of(Digest.Algorithm.SHA256, computation).toString();
    return new Node('f', entry.mode(), entry.uid(), entry.gid(), size, digest);
  }

  private static Node node(LayerEntry entry, char kind, String content) {
    return new Node(kind, entry.mode(), entry.uid(), entry.gid(), 0, content);
  }

  private void removeBelow(String folder) {
    if (folder.isEmpty()) {
      nodes.clear();
    } else {
      nodes.subMap(folder, true, folder + Character.MAX_VALUE, false).clear();
    }
  }
}
