package dev.jrunc.image.store;

import dev.jrunc.image.digest.ChainId;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.tree.TreeRemoval;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Layers that were unpacked once, for overlay bundles to share. A layer is found by its chain id,
 * since some layers mean something different on other layers, and by whose ids its files have.
 *
 * <pre>
 *   layers/sha256-HEX/tree     the layer's files, whiteouts as overlayfs has them
 *   layers/sha256-HEX/record   what was unpacked, as {@code verify} needs it
 *   layers/IDS-sha256-HEX/     the same, unpacked by a user with these ids
 *   layers/.new-UUID/          one at work; "alive" in it is locked for as long
 * </pre>
 *
 * All of it can be made again from the blobs. What a bundle uses is never removed.
 */
public final class UnpackedLayers {
  private static final String NEW = ".new-";
  private static final String ALIVE = "alive";
  private static final String OLD = ".old-";
  private static final Pattern NAME = Pattern.compile("(\\w+-)?(sha256|sha512)-([0-9a-f]+)");

  private final ImageStore images;
  private final Path store;
  private final Path folder;
  private final String ids;

  /** Those that root unpacked. */
  public UnpackedLayers(ImageStore store) {
    this(store, "");
  }

  /**
   * Those that were unpacked with certain ids.
   *
   * @param ids names them, in letters and digits; empty for those that the host has
   */
  public UnpackedLayers(ImageStore store, String ids) {
    this.images = store;
    this.ids = ids.isEmpty() ? "" : ids + "-";
    this.store = store.root();
    this.folder = this.store.resolve("layers");
  }

  /** Where the files of the layer are; there only if {@link #has} says so. */
  public Path tree(Digest chainId) {
    return place(chainId).resolve("tree");
  }

  /** What was unpacked there. */
  public Path record(Digest chainId) {
    return place(chainId).resolve("record");
  }

  public boolean has(Digest chainId) {
    return Files.isDirectory(tree(chainId));
  }

  /** Whether nothing is here, not even what a killed process left. */
  public boolean isEmpty() {
    return list().isEmpty();
  }

  /** All that are here, with whatever ids, whole ones only. */
  public List<Digest> all() {
    return whole().values().stream().distinct().toList();
  }

  private Map<Path, Digest> whole() {
    Map<Path, Digest> found = new LinkedHashMap<>();
    for (Path each : list()) {
      Matcher name = NAME.matcher(each.getFileName().toString());
      if (name.matches()) {
        found.put(each, Digest.parse(name.group(2) + ":" + name.group(3)));
      }
    }
    return found;
  }

  /**
   * A layer at work, in a folder that is its own until the lock is let go.
   *
   * @param folder gets {@code tree} and {@code record}
   */
  public record Work(Path folder, FileChannel alive) {
    public Path tree() {
      return folder.resolve("tree");
    }

    /** Lets go of it. */
    void end() {
      try {
        alive.close();
      } catch (IOException e) {
        // It was only held, nothing is lost.
      }
    }
  }

  /** A folder to unpack in, on the same file system, that no other process takes for its own. */
  public Work begin() {
    Path fresh = folder.resolve(NEW + UUID.randomUUID());
    // Under the lock, or another process could collect the folder before it is marked as alive.
    try (StoreLock _ = lock()) {
      LayoutWriter.createFolder(folder);
      LayoutWriter.createFolder(fresh);
      FileChannel alive =
          FileChannel.open(
              fresh.resolve(ALIVE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      alive.lock();
      return new Work(fresh, alive);
    } catch (IOException e) {
      throw Reasons.cannotWrite(fresh, e);
    }
  }

  /**
   * Shows the layer that {@code made} holds; if another was faster, his stays. That it is whole is
   * asked of nothing but its name afterwards, so the disk must have it before.
   */
  public void commit(Work made, Digest chainId) {
    try (StoreLock _ = lock()) {
      if (!has(chainId)) {
        Files.deleteIfExists(made.folder().resolve(ALIVE));
        Files.move(made.folder(), place(chainId), StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (IOException e) {
      throw Reasons.cannotWrite(place(chainId), e);
    }
  }

  /** Removes what {@link #begin} gave and {@link #commit} did not take. */
  public void discard(Gate gate, Work made) {
    remove(gate, made.folder());
    made.end();
  }

  /**
   * Removes the layers that neither an image in the store nor a bundle uses, and what killed
   * processes have left. Answers the chain ids.
   *
   * @param notices hears, in sentences, what was found broken
   */
  public List<Digest> collect(Gate gate, Consumer<String> notices) {
    List<Digest> removed = new ArrayList<>();
    List<Path> trash = new ArrayList<>();
    try (StoreLock _ = lock()) {
      Set<Digest> kept = ofImages();
      kept.addAll(new BundleRegister(store).layersInUse(notices));
      for (Map.Entry<Path, Digest> each : whole().entrySet()) {
        if (!kept.contains(each.getValue())) {
          Path old = folder.resolve(OLD + UUID.randomUUID());
          Files.move(each.getKey(), old, StandardCopyOption.ATOMIC_MOVE);
          removed.add(each.getValue());
        }
      }
      for (Path each : list()) {
        String name = each.getFileName().toString();
        if (name.startsWith(OLD) || (name.startsWith(NEW) && isAbandoned(each))) {
          trash.add(each);
        }
      }
    } catch (IOException e) {
      throw Reasons.cannotWrite(folder, e);
    }
    // Without the lock: it takes a while, and nobody finds them any more.
    trash.forEach(
        each -> remove(gate, each).forEach(stays -> notices.accept("cannot remove " + stays)));
    return List.copyOf(removed);
  }

  private Set<Digest> ofImages() {
    Set<Digest> needed = new HashSet<>();
    for (StoredImage image : images.images()) {
      try {
        needed.addAll(ChainId.of(images.content(image).configuration().diffIds()));
      } catch (ImageFailure e) {
        // Of a damaged image it is not known which; they can be made again when it is mended.
      }
    }
    return needed;
  }

  private StoreLock lock() {
    LayoutWriter.createFolder(store);
    return StoreLock.take(store);
  }

  // By a lock: the number of a process means nothing in another PID namespace.
  private static boolean isAbandoned(Path work) throws IOException {
    try (FileChannel channel = FileChannel.open(work.resolve(ALIVE), StandardOpenOption.WRITE)) {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    } catch (NoSuchFileException e) {
      return true;
    }
  }

  private Path place(Digest chainId) {
    return folder.resolve(ids + chainId.algorithm().word() + "-" + chainId.hex());
  }

  private List<Path> list() {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
      all.forEach(found::add);
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw Reasons.cannotRead(folder, e);
    }
    return found;
  }

  private static List<String> remove(Gate gate, Path tree) {
    Linux linux = Linux.over(gate);
    Path parent = tree.getParent();
    if (parent == null) {
      throw new ImageFailure("\"" + tree + "\" is no layer");
    }
    int flags = OpenFlags.RDONLY | OpenFlags.DIRECTORY;
    try (Descriptor above =
        linux.files().open(linux.currentDirectory(), parent.toString(), flags, 0)) {
      return new TreeRemoval(gate).remove(above, tree.getFileName().toString());
    }
  }
}
