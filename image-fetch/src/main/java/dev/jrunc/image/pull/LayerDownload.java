package dev.jrunc.image.pull;

import dev.jrunc.image.compression.Decompressor;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.manifest.Descriptor;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.function.IntConsumer;

/**
 * One pass over a layer: socket, blob digest, file, inflate, diff_id.
 *
 * <p>The digest of what came is judged before what it unpacks to: a blob that is wrong is reported
 * as wrong, whatever the decompressor thought of it.
 */
final class LayerDownload {
  private static final int BUFFER = 128 * 1024;

  private final Descriptor layer;
  private final Digest diffId;

  LayerDownload(Descriptor layer, Digest diffId) {
    this.layer = layer;
    this.diffId = diffId;
  }

  /** Writes the blob to {@code file}; {@code verified} throws when content and digest differ. */
  void to(Path file, InputStream verified, IntConsumer progress) {
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      check(new Tee(verified, file, out, progress));
      out.force(true);
    } catch (IOException e) {
      throw Reasons.cannotWrite(file, e);
    }
  }

  /** Checks a blob that is on the disk already against another diff_id. */
  void check(InputStream verified) throws IOException {
    Digest actual = null;
    IOException damage = null;
    try {
      actual = unpackedDigest(verified);
    } catch (IOException e) {
      damage = e;
    }
    drain(verified);
    if (damage != null) {
      throw new ImageFailure(
          "layer %s cannot be unpacked: %s".formatted(layer.digest(), Reasons.of(damage)), damage);
    }
    if (!diffId.equals(actual)) {
      throw new ImageFailure(
          "layer %s unpacks to %s, but the image's configuration names %s"
              .formatted(layer.digest(), actual, diffId));
    }
  }

  private Digest unpackedDigest(InputStream packed) throws IOException {
    MessageDigest computation = diffId.algorithm().start();
    byte[] buffer = new byte[BUFFER];
    // Not closed: the packed stream still has to be read to its end.
    InputStream plain = Decompressor.open(packed);
    int count;
    while ((count = plain.read(buffer)) >= 0) {
      computation.update(buffer, 0, count);
    }
    return Digest.of(diffId.algorithm(), computation);
  }

  private static void drain(InputStream stream) throws IOException {
    byte[] buffer = new byte[BUFFER];
    while (stream.read(buffer) >= 0) {
      // The rest counts for the digest alone.
    }
  }

  /** Keeps what passes. A disk that is full must not look like a layer that is broken. */
  private static final class Tee extends FilterInputStream {
    private final Path file;
    private final FileChannel out;
    private final IntConsumer progress;

    Tee(InputStream in, Path file, FileChannel out, IntConsumer progress) {
      super(in);
      this.file = file;
      this.out = out;
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
        keep(ByteBuffer.wrap(buffer, offset, count));
        progress.accept(count);
      }
      return count;
    }

    private void keep(ByteBuffer bytes) {
      try {
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
      } catch (IOException e) {
        throw Reasons.cannotWrite(file, e);
      }
    }

    @Override
    public boolean markSupported() {
      return false;
    }
  }
}
