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

/** Writes the files that make a folder an image layout. The caller holds the lock. */
final class LayoutWriter {
  private static final String LAYOUT = "{\"imageLayoutVersion\":\"1.0.0\"}\n";

  private final Path root;

  LayoutWriter(Path root) {
    this.root = root;
  }

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
    if (!Files.exists(layout)) {
      replace(layout, LAYOUT.getBytes(StandardCharsets.UTF_8));
    }
    replace(root.resolve("index.json"), index.write());
    sync(root);
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
