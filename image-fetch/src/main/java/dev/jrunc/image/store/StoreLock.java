package dev.jrunc.image.store;

import dev.jrunc.image.failure.Reasons;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/** One writer at a time, among processes by the file's lock and among threads by the other. */
final class StoreLock implements AutoCloseable {
  // A file lock belongs to the whole process: two threads would both hold it.
  private static final ReentrantLock THREADS = new ReentrantLock();

  private final FileChannel channel;

  private StoreLock(FileChannel channel) {
    this.channel = channel;
  }

  static StoreLock take(Path store) {
    Path file = store.resolve(".lock");
    THREADS.lock();
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      // Held until the channel is closed.
      FileLock _ = channel.lock();
      return new StoreLock(channel);
    } catch (IOException e) {
      THREADS.unlock();
      throw Reasons.cannotWrite(file, e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // Closing a file of no bytes loses none.
    } finally {
      THREADS.unlock();
    }
  }
}
