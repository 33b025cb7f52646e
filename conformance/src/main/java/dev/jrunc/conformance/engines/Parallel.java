package dev.jrunc.conformance.engines;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Doing a thing many times at once. */
final class Parallel {
  private Parallel() {}

  interface Task<T> {
    T run(int number) throws Exception;
  }

  /** All results, or the first failure once all have ended. */
  static <T> List<T> map(int count, Task<T> task) throws Exception {
    List<Future<T>> futures = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < count; i++) {
        int number = i;
        futures.add(threads.submit(() -> task.run(number)));
      }
    }
    List<T> results = new ArrayList<>();
    for (Future<T> future : futures) {
      results.add(future.get());
    }
    return results;
  }
}
