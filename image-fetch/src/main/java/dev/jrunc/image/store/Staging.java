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
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A folder inside the store where the blobs of one pull wait until the image is whole.
 *
 * <p>It holds a locked file for as long as its process lives, so that the next pull can tell what a
 * killed one has left behind. On the same file system as the blobs: moving in is a rename.
 */
public final class Staging implements AutoCloseable {
  private static final String TEMPORARY = ".tmp";
  private static final String ALIVE = "alive";

  private final ImageStore store;
  private final Path folder;
  private final FileChannel alive;

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
    return folder.resolve(digest.algorithm().word() + "-" + digest.hex());
  }

  /** Shows the image: all blobs first, then the entry that points to them. */
  public void commit(StoredImage image, List<Descriptor> blobs) {
    List<Path> added = new ArrayList<>();
    try (StoreLock _ = StoreLock.take(store.root())) {
      for (Descriptor blob : blobs) {
        moveIn(blob, added);
      }
      for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
        Path blobFolder = store.root().resolve("blobs").resolve(algorithm.word());
        if (Files.isDirectory(blobFolder)) {
          LayoutWriter.sync(blobFolder);
        }
      }
      new LayoutWriter(store.root()).writeIndex(store.index().with(image));
      added.clear();
    } catch (IOException e) {
      throw Reasons.cannotWrite(store.root(), e);
    } finally {
      for (Path blob : added) {
        deleteQuietly(blob);
      }
    }
  }

  private void moveIn(Descriptor blob, List<Path> added) throws IOException {
    Path target = store.path(blob.digest());
    Path staged = file(blob.digest());
    if (Files.exists(staged)) {
      LayoutWriter.createFolder(store.folder(blob.digest()));
      boolean fresh = !Files.exists(target);
      Files.move(staged, target, StandardCopyOption.ATOMIC_MOVE);
      if (fresh) {
        added.add(target);
      }
    } else if (!store.has(blob)) {
      throw new ImageFailure(
          "blob %s was removed from the store meanwhile; pull again".formatted(blob.digest()));
    }
  }

  /** Leaves nothing behind but what was committed. */
  @Override
  public void close() {
    deleteTree(folder);
    try {
      alive.close();
    } catch (IOException e) {
      // The file is gone already.
    }
    // Goes only if no other pull is at work.
    deleteQuietly(store.root().resolve(TEMPORARY));
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

  private static void deleteQuietly(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // As above: nothing points to it.
    }
  }
}
