package dev.jrunc.image.pull;

import dev.jrunc.image.digest.VerifyingStream;
import dev.jrunc.image.digest.WrongContent;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.store.PartialBlob;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.util.function.IntConsumer;

/**
 * One pass over a layer: socket, file, blob digest.
 *
 * <p>What an earlier pull left of it goes through the same pass from the disk, and the socket
 * brings the rest. Nothing is inflated here: the blob is the one that the manifest names when its
 * digest is right, and whoever unpacks it checks the diff_id of what comes out.
 */
final class LayerDownload {
  private static final int BUFFER = 128 * 1024;

  private final Descriptor layer;

  LayerDownload(Descriptor layer) {
    this.layer = layer;
  }

  /** Opens the blob at an offset. */
  interface Source {
    InputStream from(long offset);
  }

  /** Brings what is missing of the blob into {@code partial}; it is whole and right afterwards. */
  void to(PartialBlob partial, Source source, IntConsumer progress) {
    if (partial.length() > layer.size()) {
      partial.clear();
    }
    boolean resumed = partial.length() > 0;
    try {
      attempt(partial, source, progress);
    } catch (WrongContent e) {
      partial.clear();
      if (!resumed) {
        throw e;
      }
      // The old part may be to blame: a power cut can leave zeros.
      attemptOrClear(partial, source, progress);
    }
    partial.sync();
  }

  private void attemptOrClear(PartialBlob partial, Source source, IntConsumer progress) {
    try {
      attempt(partial, source, progress);
    } catch (WrongContent e) {
      partial.clear();
      throw e;
    }
  }

  private void attempt(PartialBlob partial, Source source, IntConsumer progress) {
    long known = partial.length();
    try (InputStream rest =
        known == layer.size() && known > 0 ? InputStream.nullInputStream() : source.from(known)) {
      InputStream whole =
          known == 0
              ? new Tee(rest, partial, progress)
              : new SequenceInputStream(
                  new Bounded(partial.content(), known), new Tee(rest, partial, progress));
      drain(new VerifyingStream(whole, layer.digest(), layer.size()));
    } catch (IOException e) {
      throw Reasons.cannotRead(partial.file(), e);
    }
  }

  /** Reads all, for the sake of its digest. */
  static void drain(InputStream stream) throws IOException {
    byte[] buffer = new byte[BUFFER];
    while (stream.read(buffer) >= 0) {
      // Whoever is between here and the source takes what it needs.
    }
  }

  /** The part of a growing file that was there at the beginning. */
  private static final class Bounded extends FilterInputStream {
    private long left;

    Bounded(InputStream in, long length) {
      super(in);
      left = length;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int count = in.read(buffer, offset, (int) Math.min(length, left));
      left -= Math.max(count, 0);
      return count;
    }

    @Override
    public void close() {
      // The file is still needed.
    }
  }

  /** Keeps what passes. */
  private static final class Tee extends FilterInputStream {
    private final PartialBlob partial;
    private final IntConsumer progress;

    Tee(InputStream in, PartialBlob partial, IntConsumer progress) {
      super(in);
      this.partial = partial;
      this.progress = progress;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      int count = read(one, 0, 1);
      return count < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int count = in.read(buffer, offset, length);
      if (count > 0) {
        partial.append(ByteBuffer.wrap(buffer, offset, count));
        progress.accept(count);
      }
      return count;
    }

    @Override
    public boolean markSupported() {
      return false;
    }
  }
}
