package dev.jrunc.image.registry;

import dev.jrunc.image.failure.ImageFailure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Reads the bodies of answers, never more of them than sense allows. */
final class Bodies {
  /** Enough to read an error, and to let the connection be used again. */
  private static final int SMALL = 64 * 1024;

  /** The longest wait for a piece of what need not be read. */
  private static final Duration PATIENCE = Duration.ofSeconds(4);

  private Bodies() {}

  /** Reads to the end what is short. */
  static void discard(HttpResponse<InputStream> response) {
    error(response);
  }

  /** The beginning of a body that says what went wrong; what came of it if the rest does not. */
  static byte[] error(HttpResponse<InputStream> response) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    try (InputStream body = response.body();
        StallGuard guard = new StallGuard(PATIENCE)) {
      byte[] buffer = new byte[4096];
      int count;
      while (content.size() < SMALL && (count = guard.read(body, buffer, 0, buffer.length)) >= 0) {
        content.write(buffer, 0, count);
      }
    } catch (IOException e) {
      // The answer is already known by its status; a broken rest changes nothing.
    }
    return content.toByteArray();
  }

  /** {@code what} names the content in the error. */
  static byte[] whole(HttpResponse<InputStream> response, int limit, String what, Duration stall)
      throws IOException {
    try (InputStream body = response.body();
        StallGuard guard = new StallGuard(stall)) {
      ByteArrayOutputStream content = new ByteArrayOutputStream();
      byte[] buffer = new byte[16 * 1024];
      int count;
      while ((count = guard.read(body, buffer, 0, buffer.length)) >= 0) {
        content.write(buffer, 0, count);
        if (content.size() > limit) {
          throw new ImageFailure("%s is larger than %d bytes".formatted(what, limit));
        }
      }
      return content.toByteArray();
    }
  }
}
