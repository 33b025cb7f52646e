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

  private static final int THREADS = 2;
  private static final long MOST_WAITING = 12 << 20;
  private static final int MOST_FILES = 256;

  /**
   * A file to write. Whoever takes it closes the descriptor.
   *
   * @param line where its digest goes, null where nothing is recorded
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Job(
      Descriptor file,
      byte[] content,
      LayerEntry entry,
      String name,
      EntryAttributes attributes,
      TreeRecord.@Nullable Line line) {}

  private final Linux linux;
  private final Deque<Job> jobs = new ArrayDeque<>();
  private final List<Thread> threads = new ArrayList<>();
  private long waiting;
  private int working;
  private boolean closed;
  private @Nullable RuntimeException failure;

  ContentWriters(Gate gate) {
    this.linux = Linux.over(gate, StandardCharsets.ISO_8859_1);
  }

  /** Hands a file over; waits while too much is waiting. */
  synchronized void write(Job job) {
    if (threads.size() < THREADS) {
      threads.add(Thread.ofPlatform().daemon().name("content").start(this::work));
    }
    waitWhile(() -> waiting > MOST_WAITING || jobs.size() > MOST_FILES);
    if (failure != null) {
      job.file().close();
      throw failure;
    }
    waiting += job.content().length;
    jobs.add(job);
    notifyAll();
  }

  /** Waits until all that was handed over is done. */
  synchronized void finish() {
    waitWhile(() -> !jobs.isEmpty() || working > 0);
    if (failure != null) {
      throw failure;
    }
  }

  private synchronized void waitWhile(BooleanSupplier busy) {
    while (failure == null && busy.getAsBoolean()) {
      try {
        wait();
      } catch (InterruptedException e) {
        failure = new LayerRefused("interrupted while unpacking", e);
        Thread.currentThread().interrupt();
      }
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

  private synchronized @Nullable Job next() {
    while (jobs.isEmpty() && !closed) {
      try {
        wait();
      } catch (InterruptedException e) {
        return null;
      }
    }
    if (closed) {
      return null;
    }
    working++;
    return jobs.remove();
  }

  private synchronized void done(Job job, @Nullable RuntimeException failed) {
    working--;
    waiting -= job.content().length;
    if (failure == null) {
      failure = failed;
    }
    notifyAll();
  }

  private void perform(Job job, Descriptor file, Memory.Block block) {
    byte[] content = job.content();
    block.putBytes(0, content);
    long result = linux.streams().writeRaw(file, block, content.length);
    if (result < 0) {
      throw new SyscallFailed(SystemCall.WRITE, job.name(), (int) -result);
    }
    try {
      job.attributes().apply(file, job.entry());
    } catch (SyscallFailed e) {
      throw new SyscallFailed(e.call(), job.name(), e.errno());
    }
    if (job.line() != null) {
      job.line().written(content.length, sha256(content));
    }
  }

  private static String sha256(byte[] content) {
    MessageDigest computation = startDigest();
    computation.update(content);
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
    synchronized (this) {
      closed = true;
      jobs.forEach(job -> job.file().close());
      jobs.clear();
      notifyAll();
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
