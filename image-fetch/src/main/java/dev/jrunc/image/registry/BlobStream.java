package dev.jrunc.image.registry;

import dev.jrunc.image.digest.WrongContent;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.manifest.Descriptor;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a blob as one stream, however many connections it takes.
 *
 * <p>After a drop the rest is asked for by Range, from the registry again and not from where it
 * redirected to, since signed addresses expire. Not every store behind a registry knows Range: a
 * 200 starts over, and so does a 400 or 416 once asked without; what was read before is then
 * skipped. Whether the pieces fit is for the digest to say.
 */
final class BlobStream extends InputStream {
  private static final int FAILURES_IN_A_ROW = 4;
  private static final int FAILURES = 50;
  private static final long PROGRESS = 256 * 1024;

  /**
   * Where a blob comes from.
   *
   * @param isRegistry tells the registry's own addresses from those it redirects to
   */
  record Source(String registry, Descriptor blob, Predicate<URI> isRegistry) {}

  /** Asks for the blob, or for a range of it. */
  interface Opener {
    HttpResponse<InputStream> open(@Nullable String range);
  }

  private final Source source;
  private final Opener opener;
  private final Timing timing;
  private final RegistryListener listener;
  private final StallGuard watch;
  private InputStream body = InputStream.nullInputStream();
  private long position;
  private long lastFailureAt;
  private int failuresInARow;
  private int failures;

  private BlobStream(Source source, Opener opener, Timing timing, RegistryListener listener) {
    this.source = source;
    this.opener = opener;
    this.timing = timing;
    this.listener = listener;
    this.watch = new StallGuard(timing.stall());
  }

  /** The blob from {@code offset} on. */
  static BlobStream open(
      Source source, long offset, Opener opener, Timing timing, RegistryListener listener) {
    BlobStream stream = new BlobStream(source, opener, timing, listener);
    stream.position = offset;
    stream.lastFailureAt = offset;
    boolean open = false;
    try {
      stream.start();
      open = true;
    } finally {
      if (!open) {
        stream.watch.close();
      }
    }
    return stream;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    int count = read(one, 0, 1);
    return count < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    while (true) {
      try {
        int count = watch.read(body, buffer, offset, length);
        if (count >= 0) {
          position += count;
          return count;
        }
        if (position >= source.blob.size()) {
          return -1;
        }
        throw new EOFException("the connection was closed");
      } catch (IOException e) {
        resumeAfter(e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    watch.close();
    body.close();
  }

  private void start() {
    try {
      reopen();
    } catch (IOException e) {
      try {
        resumeAfter(e);
      } catch (IOException closing) {
        throw new ImageFailure(
            "cannot read blob %s: %s".formatted(source.blob.digest(), Reasons.of(closing)),
            closing);
      }
    }
  }

  private void resumeAfter(IOException drop) throws IOException {
    body.close();
    IOException last = drop;
    while (true) {
      countFailure(last);
      timing.pause(timing.backoff(failuresInARow));
      try {
        reopen();
        return;
      } catch (IOException e) {
        body.close();
        last = e;
      }
    }
  }

  /** Asks for what is still to come, and gets there however much the server sends. */
  private void reopen() throws IOException {
    HttpResponse<InputStream> response =
        opener.open(position == 0 ? null : "bytes=" + position + "-");
    int status = response.statusCode();
    if (status == 206 && startsAt(response, position)) {
      body = response.body();
      return;
    }
    if (position > 0 && (status == 206 || status == 400 || status == 416)) {
      Bodies.discard(response);
      response = opener.open(null);
      status = response.statusCode();
    }
    if (status != 200) {
      refuse(response);
    }
    take(response);
    skipWhatIsKnown();
  }

  /**
   * What the registry itself says is final; where it redirected to, an address may have expired.
   */
  private void refuse(HttpResponse<InputStream> response) throws IOException {
    ImageFailure refusal = Refusals.ofBlob(source.registry, source.blob, response);
    int status = response.statusCode();
    boolean expired = status == 400 || status == 401 || status == 403;
    if (!expired || source.isRegistry.test(response.uri())) {
      throw refusal;
    }
    throw new IOException("the address it redirects to answers " + status, refusal);
  }

  private void take(HttpResponse<InputStream> response) {
    long announced = response.headers().firstValueAsLong("content-length").orElse(-1);
    if (announced >= 0 && announced != source.blob.size()) {
      Bodies.discard(response);
      throw new WrongContent(
          "blob %s has the wrong size: registry %s has %d bytes, its descriptor names %d"
              .formatted(source.blob.digest(), source.registry, announced, source.blob.size()));
    }
    body = response.body();
  }

  private void countFailure(IOException drop) {
    if (position - lastFailureAt >= PROGRESS) {
      failuresInARow = 0;
    }
    lastFailureAt = position;
    failuresInARow++;
    failures++;
    if (Thread.currentThread().isInterrupted()) {
      throw new ImageFailure("interrupted while reading blob " + source.blob.digest(), drop);
    }
    if (failuresInARow > FAILURES_IN_A_ROW || failures > FAILURES) {
      throw new Outage(
          "blob %s is truncated: registry %s breaks off after %d of %d bytes (%s)"
              .formatted(
                  source.blob.digest(),
                  source.registry,
                  position,
                  source.blob.size(),
                  Reasons.of(drop)),
          drop);
    }
    listener.notice(
        "connection for layer %s dropped after %d of %d bytes, going on from there"
            .formatted(source.blob.digest().brief(), position, source.blob.size()));
  }

  private void skipWhatIsKnown() throws IOException {
    byte[] waste = new byte[64 * 1024];
    long left = position;
    while (left > 0) {
      int count = watch.read(body, waste, 0, (int) Math.min(waste.length, left));
      if (count < 0) {
        throw new EOFException("the connection was closed");
      }
      left -= count;
    }
  }

  /** RFC 9110 section 14.4: {@code bytes FIRST-LAST/LENGTH}. */
  private static boolean startsAt(HttpResponse<?> response, long position) {
    return response
        .headers()
        .firstValue("content-range")
        .map(range -> range.strip().startsWith("bytes " + position + "-"))
        .orElse(false);
  }
}
