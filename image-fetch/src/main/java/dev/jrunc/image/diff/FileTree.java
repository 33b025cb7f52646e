package dev.jrunc.image.diff;

import dev.jrunc.image.compression.Decompressor;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/** The files that layers add up to, as far as a listing needs them. Nothing is written anywhere. */
final class FileTree {
  private static final int RECORD = 512;
  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";

  /**
   * One file.
   *
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
  void apply(InputStream packed, String label, Digest diffId) {
    MessageDigest computation = diffId.algorithm().start();
    NavigableMap<String, Node> added = new TreeMap<>();
    List<String> hidden = new ArrayList<>();
    List<String> opaque = new ArrayList<>();
    try (InputStream inflated = Decompressor.open(new BufferedInputStream(packed, 1 << 17));
        InputStream plain = hashed(inflated, computation);
        TarArchiveInputStream tar =
            new TarArchiveInputStream(
                ended(plain), RECORD, RECORD, StandardCharsets.UTF_8.name())) {
      TarArchiveEntry entry;
      while ((entry = tar.getNextEntry()) != null) {
        String path = normal(entry.getName());
        int slash = path.lastIndexOf('/') + 1;
        String name = path.substring(slash);
        if (name.equals(OPAQUE)) {
          opaque.add(path.substring(0, slash));
        } else if (name.startsWith(WHITEOUT)) {
          hidden.add(path.substring(0, slash) + name.substring(WHITEOUT.length()));
        } else if (!path.isEmpty()) {
          added.put(path, node(entry, tar, added));
        }
      }
      plain.transferTo(OutputStream.nullOutputStream());
      packed.transferTo(OutputStream.nullOutputStream());
    } catch (IOException | IllegalArgumentException e) {
      throw new ImageFailure("%s cannot be read: %s".formatted(label, Reasons.of(e)), e);
    }
    Digest actual = Digest.of(diffId.algorithm(), computation);
    if (!actual.equals(diffId)) {
      throw new ImageFailure(
          "%s has the wrong content: its diff_id is %s, the image's configuration names %s"
              .formatted(label, actual, diffId));
    }
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

  /** Nobody skips in it: what {@link #ended} answers reads where it is told to skip. */
  private static InputStream hashed(InputStream plain, MessageDigest computation) {
    return new DigestInputStream(plain, computation) {
      @Override
      public void close() {
        // At the end of the archive, but the stream is still read to its own.
      }
    };
  }

  /** Not every writer fills the last record, or ends the archive with zeros. */
  private static InputStream ended(InputStream tar) {
    return new SequenceInputStream(tar, new ByteArrayInputStream(new byte[4 * RECORD]));
  }

  private Node node(TarArchiveEntry entry, TarArchiveInputStream tar, Map<String, Node> added)
      throws IOException {
    if (entry.isLink()) {
      Node target = added.get(normal(entry.getLinkName()));
      Node lower = target == null ? nodes.get(normal(entry.getLinkName())) : target;
      return lower == null ? node(entry, 'h', entry.getLinkName()) : lower;
    }
    if (entry.isSymbolicLink()) {
      return node(entry, 'l', entry.getLinkName());
    }
    if (entry.isDirectory()) {
      return node(entry, 'd', "");
    }
    if (entry.isFIFO()) {
      return node(entry, 'p', "");
    }
    if (entry.isCharacterDevice() || entry.isBlockDevice()) {
      String numbers = entry.getDevMajor() + ":" + entry.getDevMinor();
      return node(entry, entry.isBlockDevice() ? 'b' : 'c', numbers);
    }
    var computation = Digest.Algorithm.SHA256.start();
    byte[] buffer = new byte[64 * 1024];
    int count;
    while ((count = tar.read(buffer)) >= 0) {
      computation.update(buffer, 0, count);
    }
    return node(entry, 'f', Digest.of(Digest.Algorithm.SHA256, computation).toString());
  }

  private static Node node(TarArchiveEntry entry, char kind, @Nullable String content) {
    return new Node(
        kind,
        entry.getMode() & 07777,
        entry.getLongUserId(),
        entry.getLongGroupId(),
        kind == 'f' ? entry.getSize() : 0,
        content == null ? "" : content);
  }

  private void removeBelow(String folder) {
    if (folder.isEmpty()) {
      nodes.clear();
    } else {
      nodes.subMap(folder, true, folder + Character.MAX_VALUE, false).clear();
    }
  }

  private static String normal(String name) {
    StringBuilder path = new StringBuilder();
    for (String part : name.split("/", -1)) {
      if (!part.isEmpty() && !part.equals(".")) {
        path.append(path.isEmpty() ? "" : "/").append(part);
      }
    }
    return path.toString();
  }
}
