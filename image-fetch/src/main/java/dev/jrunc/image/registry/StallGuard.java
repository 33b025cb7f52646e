package dev.jrunc.image.registry;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** Ends a read that waits for too long, by closing the stream under it. */
final class StallGuard implements AutoCloseable {
  private static final long IDLE = 0;

  private final Duration limit;
  private final Thread thread;
  private volatile long since = IDLE;
  private volatile InputStream watched = InputStream.nullInputStream();

  StallGuard(Duration limit) {
    this.limit = limit;
    this.thread = Thread.ofVirtual().start(this::watch);
  }

  int read(InputStream body, byte[] buffer, int offset, int length) throws IOException {
    watched = body;
    since = System.nanoTime() | 1;
    try {
      return body.read(buffer, offset, length);
    } finally {
      since = IDLE;
    }
  }

  private void watch() {
    try {
      while (true) {
        Thread.sleep(limit.dividedBy(4));
        long start = since;
        if (start != IDLE && System.nanoTime() - start > limit.toNanos()) {
          watched.close();
        }
      }
    } catch (InterruptedException | IOException e) {
      // Interrupted: the stream was closed, nothing is left to watch.
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
