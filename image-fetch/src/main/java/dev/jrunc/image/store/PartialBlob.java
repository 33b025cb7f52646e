package dev.jrunc.image.store;

import dev.jrunc.image.failure.Reasons;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A blob on its way in. What has come of it outlives the process that brought it, so that a pull
 * that was killed goes on where it stood.
 *
 * <p>The file is locked while somebody writes it. Whoever comes second to the same blob brings it
 * into a file of its own. Nothing here is believed: the digest judges the whole blob, old and new
 * bytes, before it counts.
 */
public final class PartialBlob implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;

  private long length;

  private PartialBlob(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    this.length = channel.size();
  }

  /**
   * Goes on with {@code shared}, or begins {@code own} where somebody else writes the other. The
   * caller holds the lock of the store, under which alone these files are renamed and deleted: so a
   * file that is locked here is the one of that name.
   */
  static PartialBlob open(Path shared, Path own) {
    try {
      PartialBlob first = lock(shared);
      return first != null ? first : Objects.requireNonNull(lock(own));
    } catch (IOException e) {
      throw Reasons.cannotWrite(shared, e);
    }
  }

  /** {@code null} where somebody else writes the file. */
  static @Nullable PartialBlob lock(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    boolean taken = false;
    try {
      taken = channel.tryLock() != null;
      return taken ? new PartialBlob(file, channel) : null;
    } catch (OverlappingFileLockException e) {
      return null;
    } finally {
      if (!taken) {
        channel.close();
      }
    }
  }

  public Path file() {
    return file;
  }

  /** How much of it is there. */
  public long length() {
    return length;
  }

  /** What is there, from the beginning. */
  public InputStream content() {
    try {
      return Channels.newInputStream(channel.position(0));
    } catch (IOException e) {
      throw Reasons.cannotRead(file, e);
    }
  }

  /** A disk that is full must not look like a blob that is broken. */
  public void append(ByteBuffer bytes) {
    try {
      while (bytes.hasRemaining()) {
        length += channel.write(bytes, length);
      }
    } catch (IOException e) {
      throw Reasons.cannotWrite(file, e);
    }
  }

  /** Forgets what is there. */
  public void clear() {
    try {
      channel.truncate(0);
      length = 0;
    } catch (IOException e) {
      throw Reasons.cannotWrite(file, e);
    }
  }

  /** Waits until the disk has it. */
  public void sync() {
    try {
      channel.force(true);
    } catch (IOException e) {
      throw Reasons.cannotWrite(file, e);
    }
  }

  /** Deletes the file; the caller holds the lock of the store. */
  void delete() throws IOException {
    Files.deleteIfExists(file);
    channel.close();
  }

  /** Lets go of the file, which stays. */
  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // What was written is written; the digest judges it.
    }
  }
}
