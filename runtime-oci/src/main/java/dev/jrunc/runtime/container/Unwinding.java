package dev.jrunc.runtime.container;

import java.util.ArrayList;
import java.util.List;

/** How to unmake what was made so far. A clean-up that fails does not stop the ones before it. */
final class Unwinding {
  private final List<Runnable> acts = new ArrayList<>();

  /** To be done first of all that was added until now. */
  void add(Runnable act) {
    acts.add(act);
  }

  void unwind() {
    for (int i = acts.size() - 1; i >= 0; i--) {
      try {
        acts.get(i).run();
      } catch (RuntimeException ignored) {
        // The failure that led here is what the user must see; the next clean-up still runs.
      }
    }
    acts.clear();
  }
}
