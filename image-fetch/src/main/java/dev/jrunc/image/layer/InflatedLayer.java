package dev.jrunc.image.layer;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.security.MessageDigest;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The plain tar of a layer, inflated and digested by a thread of its own, a few megabytes ahead of
 * whoever reads it: inflating one layer, and already the next, goes on while files are made of the
 * first.
 */
final class InflatedLayer extends InputStream {
  private static final int PIECE = 256 * 1024;
  private static final int PIECES = 12;

  /** Bytes of the tar; fewer than a whole piece come last, none after a failure. */
  private static final class Piece {
    private final byte[] bytes = new byte[PIECE];
    private int length;
    private boolean last;
  }

  private final LayerSource layer;
  private final UnpackBudget budget;
  private final BlockingQueue<Piece> full = new ArrayBlockingQueue<>(PIECES);
  private final BlockingQueue<Piece> free = new ArrayBlockingQueue<>(PIECES);
  private final Thread thread;
  private volatile @Nullable CountedInflation inflation;
  private int made;
  private volatile @Nullable Throwable failure;
  private volatile @Nullable Digest digest;
  private @Nullable Piece current;
  private int position;
  private boolean ended;

  InflatedLayer(LayerSource layer, UnpackBudget budget) {
    this.layer = layer;
    this.budget = budget;
    this.thread = Thread.ofPlatform().daemon().name(layer.label()).unstarted(this::inflate);
  }

  /** Begins to read ahead; before, and after {@link #close}, nothing is open. */
  InflatedLayer start() {
    thread.start();
    return this;
  }

  /** The diff_id, once all was read. */
  Digest digest() {
    Digest computed = digest;
    if (computed == null) {
      throw new IllegalStateException("not all of " + layer.label() + " was read");
    }
    return computed;
  }

  /** Refuses the layer where that is another than was promised. */
  void checkDigest() {
    Digest actual = digest();
    if (!actual.equals(layer.diffId())) {
      throw new LayerRefused(
          layer.label()
              + " has the wrong content: its diff_id is "
              + actual
              + ", the image's configuration names "
              + layer.diffId());
    }
  }

  private void inflate() {
    try (CountedInflation plain =
        CountedInflation.open(layer.opener().open(), budget, layer.label())) {
      inflation = plain;
      MessageDigest computation = layer.diffId().algorithm().start();
      boolean last = false;
      while (!last) {
        Piece piece = free.poll();
        if (piece == null) {
          piece = made++ < PIECES ? new Piece() : free.take();
        }
        piece.length = plain.readNBytes(piece.bytes, 0, PIECE);
        computation.update(piece.bytes, 0, piece.length);
        last = piece.length < PIECE;
        if (last) {
          digest = Digest.of(layer.diffId().algorithm(), computation);
          piece.last = true;
        }
        full.put(piece);
      }
    } catch (InterruptedException e) {
      // Closed: nobody reads any more.
    } catch (IOException | RuntimeException | Error e) {
      failed(e);
    }
  }

  private void failed(Throwable cause) {
    failure = cause;
    try {
      Piece none = new Piece();
      none.last = true;
      full.put(none);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Counts bytes that are not in the tar and yet come out of it: the holes of sparse files. */
  void holes(long bytes) {
    Objects.requireNonNull(inflation).count(bytes); // There is none before something was read.
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    Piece piece = current;
    while (piece == null || position == piece.length) {
      piece = next(piece);
      if (piece == null) {
        return -1;
      }
    }
    int count = Math.min(length, piece.length - position);
    System.arraycopy(piece.bytes, position, target, offset, count);
    position += count;
    return count;
  }

  private @Nullable Piece next(@Nullable Piece read) throws IOException {
    if (ended) {
      raise();
      return null;
    }
    try {
      if (read != null) {
        if (read.last) {
          ended = true;
          raise();
          return null;
        }
        free.put(read);
      }
      current = full.take();
      position = 0;
      return current;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  private void raise() throws IOException {
    Throwable cause = failure;
    if (cause == null) {
      return; // The usual one, and a switch over types would have the JVM write a class first.
    }
    switch (cause) {
      case ImageFailure refused -> throw refused;
      case IOException unreadable -> throw unreadable;
      default -> throw new IOException(Reasons.of(cause), cause);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        full.clear();
        thread.join(50);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
