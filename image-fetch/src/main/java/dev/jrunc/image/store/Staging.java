package dev.jrunc.image.store;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.manifest.Descriptor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where the blobs of one pull wait until the image is whole: a folder inside the store for the
 * documents, {@link PartialBlob files} that outlive a pull for the layers.
 *
 * <p>The folder holds a locked file for as long as its process lives, so that the next pull can
 * tell what a killed one has left behind. All is on the file system of the blobs: moving in is a
 * rename.
 */
public final class Staging implements AutoCloseable {
  private static final String TEMPORARY = ".tmp";
  private static final String ALIVE = "alive";
  private static final String LEASED = "leased";
  static final String PARTIAL = ".partial";

  private final ImageStore store;
  private final Path folder;
  private final FileChannel alive;
  private final Map<Digest, PartialBlob> partials = new ConcurrentHashMap<>();

  private Staging(ImageStore store, Path folder, FileChannel alive) {
    this.store = store;
    this.folder = folder;
    this.alive = alive;
  }

  static Staging begin(ImageStore store) {
    LayoutWriter.createFolder(store.root());
    Path all = store.root().resolve(TEMPORARY);
    Path folder = all.resolve(UUID.randomUUID().toString());
    // Under the lock, or another process could sweep the folder before it is marked as alive.
    try (StoreLock _ = StoreLock.take(store.root())) {
      LayoutWriter.createFolder(all);
      sweep(all);
      LayoutWriter.createFolder(folder);
      FileChannel alive =
          FileChannel.open(
              folder.resolve(ALIVE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      alive.lock();
      return new Staging(store, folder, alive);
    } catch (IOException e) {
      throw Reasons.cannotWrite(folder, e);
    }
  }

  /** Where to write a blob before it is part of the store. */
  public Path file(Digest digest) {
    return folder.resolve(fileName(digest));
  }

  /** A layer that may have begun to come in an earlier pull. */
  public PartialBlob partial(Digest digest) {
    Path shared = store.root().resolve(PARTIAL);
    PartialBlob opened;
    try (StoreLock _ = StoreLock.take(store.root())) {
      LayoutWriter.createFolder(shared);
      opened = PartialBlob.open(shared.resolve(fileName(digest)), file(digest));
    }
    partials.put(digest, opened);
    return opened;
  }

  /** Names blobs of the store that this pull counts on: nobody removes them meanwhile. */
  public void lease(Collection<Digest> digests) {
    Path file = folder.resolve(LEASED);
    try {
      Files.write(file, digests.stream().map(Digest::toString).toList());
    } catch (IOException e) {
      throw Reasons.cannotWrite(file, e);
    }
  }

  /** What the pulls that are at work count on. The caller holds the lock. */
  static Set<Digest> leased(ImageStore store) throws IOException {
    Set<Digest> leased = new HashSet<>();
    Path all = store.root().resolve(TEMPORARY);
    if (Files.isDirectory(all)) {
      sweep(all);
      try (DirectoryStream<Path> folders = Files.newDirectoryStream(all)) {
        for (Path folder : folders) {
          if (Files.exists(folder.resolve(LEASED))) {
            Files.readAllLines(folder.resolve(LEASED))
                .forEach(line -> leased.add(Digest.parse(line)));
          }
        }
      }
    }
    return leased;
  }

  private static String fileName(Digest digest) {
    return digest.algorithm().word() + "-" + digest.hex();
  }

  /**
   * Shows the image: all blobs first, when the disk has them, then the entry that points to them.
   */
  public void commit(StoredImage image, List<Descriptor> blobs) {
    Map<Path, Path> moved = new LinkedHashMap<>();
    blobs.forEach(this::sync);
    try (StoreLock _ = StoreLock.take(store.root())) {
      boolean shown = false;
      try {
        for (Descriptor blob : blobs) {
          moveIn(blob, moved);
        }
        for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
          Path blobFolder = store.root().resolve("blobs").resolve(algorithm.word());
          if (Files.isDirectory(blobFolder)) {
            LayoutWriter.sync(blobFolder);
          }
        }
        new LayoutWriter(store.root()).writeIndex(store.index().with(image));
        shown = true;
      } finally {
        if (shown) {
          partials.values().forEach(PartialBlob::close);
          partials.clear();
        } else {
          // What came over the network is worth keeping, but not in sight.
          moved.forEach(Staging::moveQuietly);
        }
      }
    } catch (IOException e) {
      throw Reasons.cannotWrite(store.root(), e);
    }
  }

  // Layers of a pull were waited for when they came.
  private void sync(Descriptor blob) {
    Path staged = file(blob.digest());
    if (!partials.containsKey(blob.digest()) && Files.exists(staged)) {
      try (FileChannel channel = FileChannel.open(staged, StandardOpenOption.WRITE)) {
        channel.force(false);
      } catch (IOException e) {
        throw Reasons.cannotWrite(staged, e);
      }
    }
  }

  private void moveIn(Descriptor blob, Map<Path, Path> moved) throws IOException {
    Path target = store.path(blob.digest());
    PartialBlob partial = partials.get(blob.digest());
    Path staged = partial == null ? file(blob.digest()) : partial.file();
    if (Files.exists(staged)) {
      LayoutWriter.createFolder(store.folder(blob.digest()));
      boolean fresh = !Files.exists(target);
      Files.move(staged, target, StandardCopyOption.ATOMIC_MOVE);
      if (fresh) {
        moved.put(target, staged);
      }
    } else if (!store.has(blob)) {
      throw new ImageFailure(
          "blob %s was removed from the store meanwhile; pull again".formatted(blob.digest()));
    }
  }

  /** Leaves nothing behind but what was committed, and what the next pull can go on with. */
  @Override
  public void close() {
    release();
    deleteTree(folder);
    try {
      alive.close();
    } catch (IOException e) {
      // The file is gone already.
    }
    // Goes only if no other pull is at work.
    deleteQuietly(store.root().resolve(TEMPORARY));
  }

  private void release() {
    Path shared = store.root().resolve(PARTIAL);
    try (StoreLock _ = StoreLock.take(store.root())) {
      for (PartialBlob partial : partials.values()) {
        if (partial.length() == 0) {
          partial.delete();
        }
        partial.close();
      }
      deleteQuietly(shared);
    } catch (IOException | ImageFailure e) {
      // An empty file that stays is filled by the next pull.
    }
  }

  private static void sweep(Path all) throws IOException {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(all)) {
      for (Path folder : folders) {
        if (!isAlive(folder.resolve(ALIVE))) {
          deleteTree(folder);
        }
      }
    }
  }

  private static boolean isAlive(Path marker) {
    try (FileChannel channel = FileChannel.open(marker, StandardOpenOption.WRITE)) {
      return channel.tryLock() == null;
    } catch (OverlappingFileLockException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static void deleteTree(Path folder) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      files.forEach(Staging::deleteQuietly);
    } catch (IOException e) {
      // A file that stays is swept by the next pull.
    }
    deleteQuietly(folder);
  }

  private static void moveQuietly(Path from, Path to) {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // Nothing points to it; it is found there by the next pull.
    }
  }

  private static void deleteQuietly(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // As above: nothing points to it.
    }
  }
}
