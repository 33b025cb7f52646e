package dev.jrunc.image.pull;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import java.util.Collection;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/** Does the same with several things at once. */
public final class Concurrently {
  private Concurrently() {}

  /** What is done with each. */
  public interface Task<T> {
    void run(T each) throws Exception;
  }

  /**
   * Comes back when all are done, or when one has failed and all others have ended.
   *
   * @param what for the error, as "cannot WHAT"
   */
  public static <T> void each(Collection<T> all, int atOnce, String what, Task<T> task) {
    Semaphore places = new Semaphore(atOnce);
    // Closing waits for the threads, so that none writes into a folder that is being removed.
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      ExecutorCompletionService<Boolean> running = new ExecutorCompletionService<>(threads);
      for (T each : all) {
        running.submit(() -> {
          places.acquire();
          try {
            task.run(each);
          } finally {
            places.release();
          }
          return true;
        });
      }
      try {
        for (int i = 0; i < all.size(); i++) {
          running.take().get();
        }
      } catch (ExecutionException e) {
        threads.shutdownNow();
        Throwable cause = e.getCause() == null ? e : e.getCause();
        throw cause instanceof ImageFailure failure
            ? failure
            : new ImageFailure("cannot " + what + ": " + Reasons.of(cause), e);
      } catch (InterruptedException e) {
        threads.shutdownNow();
        Thread.currentThread().interrupt();
        throw new ImageFailure("interrupted: cannot " + what, e);
      }
    }
  }
}
