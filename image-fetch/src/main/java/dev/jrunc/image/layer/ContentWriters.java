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
  private static final int THREADS = 2;

  // Waking a thread takes as long as writing a small file: so it is done for several at once.
  private static final int BATCH = 16;

  /**
   * Bytes of a file, of which more come unless they are the last.
   *
   * @param bytes of {@link #small} or {@link #large}, come back when they are written
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Piece(byte[] bytes, int length, boolean last) {}

  /**
   * A file to write. Whoever takes it closes the descriptor.
   *
   * @param line where its digest goes, null where nothing is recorded
   * @param pieces what came and is not written; with the lock only
   */
  record Job(
      Descriptor file,
      LayerEntry entry,
      String name,
      EntryAttributes attributes,
      TreeRecord.@Nullable Line line,
      Deque<Piece> pieces) {}

  private final Linux linux;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition room = lock.newCondition();
  private final Condition fed = lock.newCondition();
  private final Deque<Job> jobs = new ArrayDeque<>();
  private final List<Thread> threads = new ArrayList<>();
  private final ContentBuffers buffers = new ContentBuffers();
  private int working;
  private boolean awaited;
  private boolean begun;
  private boolean closed;
  private @Nullable RuntimeException failure;

  ContentWriters(Gate gate) {
    this.linux = Linux.over(gate, StandardCharsets.ISO_8859_1);
  }

  /** A buffer for a small file; waits for one to come back. */
  byte[] small() {
    lock.lock();
    try {
      waitWhile(() -> !buffers.hasSmall());
      return buffers.small();
    } finally {
      lock.unlock();
    }
  }

  byte[] large() {
    lock.lock();
    try {
      waitWhile(() -> !buffers.hasLarge());
      return buffers.large();
    } finally {
      lock.unlock();
    }
  }

  /** Gives a buffer back that no job took. */
  void back(byte[] buffer) {
    lock.lock();
    try {
      buffers.back(buffer);
    } finally {
      lock.unlock();
    }
  }

  /** Hands a file over, with its first piece. */
  void write(Job job, Piece first) {
    lock.lock();
    try {
      if (threads.size() < THREADS) {
        threads.add(Thread.ofPlatform().daemon().name("content").start(this::work));
      }
      if (failure != null) {
        job.file().close();
        throw failure;
      }
      job.pieces().add(first);
      jobs.add(job);
      begun |= !first.last();
      if (begun || jobs.size() % BATCH == 0) {
        work.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Hands over more of a file that {@link #write} began. */
  void more(Job job, Piece piece) {
    lock.lock();
    try {
      if (failure != null) {
        throw failure;
      }
      job.pieces().add(piece);
      fed.signalAll();
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
      Memory.Block block = memory.block(ContentBuffers.LARGEST);
      for (Job job; (job = next()) != null; ) {
        RuntimeException failed = null;
        try (Descriptor file = job.file()) {
          perform(job, file, block);
        } catch (RuntimeException e) {
          failed = e;
        } catch (Error e) {
          // Whoever waits for this file would wait for ever.
          failed = new LayerRefused("cannot write " + job.name() + ": " + e, e);
        }
        done(failed);
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
        } while (jobs.isEmpty() || (jobs.size() < BATCH && !awaited && !begun));
      }
      if (closed) {
        return null;
      }
      working++;
      Job job = jobs.remove();
      begun &= !jobs.isEmpty();
      return job;
    } catch (InterruptedException e) {
      return null;
    } finally {
      lock.unlock();
    }
  }

  private void done(@Nullable RuntimeException failed) {
    lock.lock();
    try {
      working--;
      if (failure == null) {
        failure = failed;
      }
      boolean idle = jobs.isEmpty() && working == 0;
      if (awaited && (idle || failure != null)) {
        room.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The next of a file, null where no more will come: whoever reads the layer has failed. */
  private @Nullable Piece next(Job job) {
    lock.lock();
    try {
      while (job.pieces().isEmpty() && !closed) {
        fed.await();
      }
      return job.pieces().poll();
    } catch (InterruptedException e) {
      return null;
    } finally {
      lock.unlock();
    }
  }

  private void written(Piece piece) {
    lock.lock();
    try {
      buffers.back(piece.bytes());
      if (awaited && buffers.haveRoom()) {
        room.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private void perform(Job job, Descriptor file, Memory.Block block) {
    MessageDigest computation = startDigest();
    long total = 0;
    for (Piece piece; (piece = next(job)) != null; ) {
      block.putBytes(0, piece.bytes(), piece.length());
      long result = linux.streams().writeRaw(file, block, piece.length());
      if (result < 0) {
        throw new SyscallFailed(SystemCall.WRITE, job.name(), (int) -result);
      }
      if (job.line() != null) {
        computation.update(piece.bytes(), 0, piece.length());
      }
      total += piece.length();
      written(piece);
      if (piece.last()) {
        finish(job, file, total, computation);
        return;
      }
    }
  }

  private static void finish(Job job, Descriptor file, long total, MessageDigest computation) {
    try {
      job.attributes().apply(file, job.entry());
    } catch (SyscallFailed e) {
      throw new SyscallFailed(e.call(), job.name(), e.errno());
    }
    if (job.line() != null) {
      job.line().written(total, HexFormat.of().formatHex(computation.digest()));
    }
  }

  private static MessageDigest startDigest() {
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
      fed.signalAll();
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
