package dev.jrunc.image.store;

import dev.jrunc.image.failure.Reasons;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;

/** Writes the files that make a folder an image layout. The caller holds the lock. */
final class LayoutWriter {
  private static final String LAYOUT = "{\"imageLayoutVersion\":\"1.0.0\"}\n";

  private final Path root;

  LayoutWriter(Path root) {
    this.root = root;
  }

  static final String COPY = ".index.json";

  /** The store holds set-user-ID files of strangers in the end: it is for its owner alone. */
  static void createFolder(Path folder) {
    try {
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
    } catch (IOException e) {
      throw Reasons.cannotWrite(folder, e);
    }
  }

  void writeIndex(LayoutIndex index) {
    Path layout = root.resolve("oci-layout");
    byte[] version = LAYOUT.getBytes(StandardCharsets.UTF_8);
    if (!holds(layout, version)) {
      replace(layout, version);
    }
    byte[] content = index.write();
    replace(root.resolve("index.json"), content);
    sync(root);
    writeCopy(content);
  }

  /** For the day when somebody damages the other: names of images are written nowhere else. */
  private void writeCopy(byte[] content) {
    try {
      Files.write(root.resolve(COPY), content);
    } catch (IOException e) {
      // An old copy is better than none, and none is no harm.
    }
  }

  private static boolean holds(Path file, byte[] content) {
    try {
      return Files.size(file) == content.length && Arrays.equals(Files.readAllBytes(file), content);
    } catch (IOException e) {
      return false;
    }
  }

  /** Old content or new content, never half of it, also after a power cut. */
  private static void replace(Path file, byte[] content) {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try {
      try (FileChannel channel =
          FileChannel.open(
              fresh,
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              StandardOpenOption.TRUNCATE_EXISTING)) {
        ByteBuffer rest = ByteBuffer.wrap(content);
        while (rest.hasRemaining()) {
          channel.write(rest);
        }
        channel.force(true);
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      try {
        Files.deleteIfExists(fresh);
      } catch (IOException left) {
        e.addSuppressed(left);
      }
      throw Reasons.cannotWrite(file, e);
    }
  }

  /** Makes renames in a folder last. */
  static void sync(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      throw Reasons.cannotWrite(folder, e);
    }
  }
}
