package dev.jrunc.image.layer;

import dev.jrunc.image.tree.TreeRecord;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.Memory;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes the content of files that are made and open, and gives them their attributes, on threads
 * of its own: making names is one thread's work, for its order matters, but what is behind a
 * descriptor depends on nothing any more.
 */
final class ContentWriters implements AutoCloseable {
  /** Larger files are written by whoever reads them from the tar, so that none is held whole. */
  static final int LARGEST = 1 << 20;

  private static final int SMALL = 64 * 1024;
  private static final int THREADS = 2;

  // What may wait: so many files of each size are held at most.
  private static final int SMALL_BUFFERS = 96;
  private static final int LARGE_BUFFERS = 12;

  // Waking a thread takes as long as writing a small file: so it is done for several at once.
  private static final int BATCH = 16;

  /**
   * A file to write. Whoever takes it closes the descriptor.
   *
   * @param content of {@link #small} or {@link #large}, comes back when it is written
   * @param line where its digest goes, null where nothing is recorded
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Job(
      Descriptor file,
      byte[] content,
      int length,
      LayerEntry entry,
      String name,
      EntryAttributes attributes,
      TreeRecord.@Nullable Line line) {}

  private final Linux linux;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition room = lock.newCondition();
  private final Deque<Job> jobs = new ArrayDeque<>();
  private final List<Thread> threads = new ArrayList<>();
  private final Deque<byte[]> smallBuffers = new ArrayDeque<>();
  private final Deque<byte[]> largeBuffers = new ArrayDeque<>();
  private int small;
  private int large;
  private int working;
  private boolean awaited;
  private boolean closed;
  private @Nullable RuntimeException failure;

  ContentWriters(Gate gate) {
    this.linux = Linux.over(gate, StandardCharsets.ISO_8859_1);
  }

  /** A buffer for a small file; waits for one to come back. */
  byte[] small() {
    lock.lock();
    try {
      waitWhile(() -> smallBuffers.isEmpty() && small == SMALL_BUFFERS);
      byte[] back = smallBuffers.poll();
      if (back == null) {
        small++;
        return new byte[SMALL];
      }
      return back;
    } finally {
      lock.unlock();
    }
  }

  byte[] large() {
    lock.lock();
    try {
      waitWhile(() -> largeBuffers.isEmpty() && large == LARGE_BUFFERS);
      byte[] back = largeBuffers.poll();
      if (back == null) {
        large++;
        return new byte[LARGEST];
      }
      return back;
    } finally {
      lock.unlock();
    }
  }

  /** Gives a buffer back that no job took. */
  void back(byte[] buffer) {
    lock.lock();
    try {
      (buffer.length == SMALL ? smallBuffers : largeBuffers).push(buffer);
    } finally {
      lock.unlock();
    }
  }

  /** Hands a file over. */
  void write(Job job) {
    lock.lock();
    try {
      if (threads.size() < THREADS) {
        threads.add(Thread.ofPlatform().daemon().name("content").start(this::work));
      }
      if (failure != null) {
        job.file().close();
        throw failure;
      }
      jobs.add(job);
      if (jobs.size() % BATCH == 0) {
        work.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits until all that was handed over is done. */
  void finish() {
    lock.lock();
    try {
      waitWhile(() -> !jobs.isEmpty() || working > 0);
    } finally {
      lock.unlock();
    }
  }

  // Who waits wants all done that is there, be it less than a batch.
  private void waitWhile(BooleanSupplier busy) {
    while (failure == null && busy.getAsBoolean()) {
      awaited = true;
      work.signalAll();
      try {
        room.await();
      } catch (InterruptedException e) {
        failure = new LayerRefused("interrupted while unpacking", e);
        Thread.currentThread().interrupt();
      }
    }
    awaited = false;
    if (failure != null) {
      throw failure;
    }
  }

  private void work() {
    try (Memory memory = Memory.scope(linux.gate())) {
      Memory.Block block = memory.block(LARGEST);
      for (Job job; (job = next()) != null; ) {
        RuntimeException failed = null;
        try (Descriptor file = job.file()) {
          perform(job, file, block);
        } catch (RuntimeException e) {
          failed = e;
        }
        done(job, failed);
      }
    }
  }

  private @Nullable Job next() {
    lock.lock();
    try {
      if (jobs.isEmpty()) {
        do {
          if (closed) {
            return null;
          }
          work.await();
        } while (jobs.isEmpty() || (jobs.size() < BATCH && !awaited));
      }
      if (closed) {
        return null;
      }
      working++;
      return jobs.remove();
    } catch (InterruptedException e) {
      return null;
    } finally {
      lock.unlock();
    }
  }

  private void done(Job job, @Nullable RuntimeException failed) {
    lock.lock();
    try {
      working--;
      back(job.content());
      if (failure == null) {
        failure = failed;
      }
      boolean idle = jobs.isEmpty() && working == 0;
      if (awaited && (idle || failure != null || hasRoom())) {
        room.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  // For more than one file, or whoever makes names would be woken for each.
  private boolean hasRoom() {
    return smallBuffers.size() + SMALL_BUFFERS - small >= SMALL_BUFFERS / 4
        && largeBuffers.size() + LARGE_BUFFERS - large >= LARGE_BUFFERS / 4;
  }

  private void perform(Job job, Descriptor file, Memory.Block block) {
    block.putBytes(0, job.content(), job.length());
    long result = linux.streams().writeRaw(file, block, job.length());
    if (result < 0) {
      throw new SyscallFailed(SystemCall.WRITE, job.name(), (int) -result);
    }
    try {
      job.attributes().apply(file, job.entry());
    } catch (SyscallFailed e) {
      throw new SyscallFailed(e.call(), job.name(), e.errno());
    }
    if (job.line() != null) {
      job.line().written(job.length(), sha256(job.content(), job.length()));
    }
  }

  private static String sha256(byte[] content, int length) {
    MessageDigest computation = startDigest();
    computation.update(content, 0, length);
    return HexFormat.of().formatHex(computation.digest());
  }

  static MessageDigest startDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What was not begun is not done any more. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      jobs.forEach(job -> job.file().close());
      jobs.clear();
      work.signalAll();
    } finally {
      lock.unlock();
    }
    for (Thread thread : threads) {
      join(thread);
    }
  }

  private static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
