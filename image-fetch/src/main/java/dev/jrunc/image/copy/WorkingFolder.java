package dev.jrunc.image.copy;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A folder for what is too large for memory. It goes when it is closed or the process is asked to
 * end. It holds a locked file while its process lives, so that the next one can tell what a killed
 * one has left, and removes that.
 */
final class WorkingFolder implements AutoCloseable {
  private static final String ALIVE = "alive";
  private static final String FILES = "files";

  // fcntl(2): to close any descriptor of a file gives up the process's locks on it.
  private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final FileChannel alive;
  private final Thread hook = new Thread(this::remove, "working folder");

  private WorkingFolder(Path folder, FileChannel alive) {
    this.folder = folder;
    this.alive = alive;
  }

  /**
   * Where {@code TMPDIR} says, else in /var/tmp: that is for large files, and /tmp may be memory.
   */
  static WorkingFolder temporary() {
    String asked = System.getenv("TMPDIR");
    return in(Path.of(asked == null || asked.isEmpty() ? "/var/tmp" : asked), "jimage-");
  }

  /** In {@code parent}, under a name that begins so. */
  static WorkingFolder in(Path parent, String prefix) {
    try {
      WorkingFolder made = null;
      while (made == null) {
        made = begin(Files.createTempDirectory(parent, prefix));
      }
      Runtime.getRuntime().addShutdownHook(made.hook);
      sweep(parent, prefix, Files.getOwner(made.folder));
      return made;
    } catch (NoSuchFileException e) {
      throw new ImageFailure("the folder \"" + parent + "\" for temporary files is not there", e);
    } catch (IOException e) {
      throw Reasons.cannotWrite(parent, e);
    }
  }

  // Null where a sweep of another process was faster than the lock.
  private static @Nullable WorkingFolder begin(Path folder) throws IOException {
    Path file = folder.resolve(ALIVE);
    OWN.add(folder);
    FileChannel alive =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    alive.lock();
    if (!Files.exists(file)) {
      alive.close();
      return null;
    }
    Files.createDirectory(folder.resolve(FILES));
    return new WorkingFolder(folder, alive);
  }

  /** Empty in the beginning. */
  Path files() {
    return folder.resolve(FILES);
  }

  /** A name for a file that is none of {@link #files}, on the same file system. */
  Path beside(String name) {
    return folder.resolve(name);
  }

  private static void sweep(Path parent, String prefix, UserPrincipal user) throws IOException {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, prefix + "*")) {
      for (Path each : folders) {
        if (!OWN.contains(each)) {
          sweep(each, user);
        }
      }
    }
  }

  private static void sweep(Path folder, UserPrincipal user) {
    Path file = folder.resolve(ALIVE);
    try {
      if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
          || !Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(user)) {
        return;
      }
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        if (channel.tryLock() != null) {
          delete(folder);
        }
      }
    } catch (IOException e) {
      // Another program's, or one that is just being made.
    }
  }

  private static void delete(Path folder) {
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path each, BasicFileAttributes attributes) {
              deleteOne(each);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path each, @Nullable IOException failure) {
              deleteOne(each);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      // It is gone, or the next one tries again.
    }
  }

  private static void deleteOne(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // As above.
    }
  }

  private void remove() {
    // What still writes when the process is asked to end finds no folder for the next file.
    for (int i = 0; i < 3 && Files.exists(folder); i++) {
      delete(folder);
    }
  }

  @Override
  public void close() {
    remove();
    try {
      alive.close();
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IOException | IllegalStateException e) {
      // The file is gone already; or the hook runs.
    }
  }
}
