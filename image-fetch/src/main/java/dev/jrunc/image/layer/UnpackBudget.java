package dev.jrunc.image.layer;

import java.util.concurrent.atomic.AtomicLong;

/** What the layers of one image have used up of its {@link UnpackLimits}, side by side or not. */
public final class UnpackBudget {
  private final UnpackLimits limits;
  private final AtomicLong entries = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();

  public UnpackBudget(UnpackLimits limits) {
    this.limits = limits;
  }

  UnpackLimits limits() {
    return limits;
  }

  void entry(String layer) {
    if (entries.incrementAndGet() > limits.entries()) {
      throw exceeded(layer, limits.entries(), "entries");
    }
  }

  void bytes(String layer, long more) {
    if (bytes.addAndGet(more) > limits.bytes()) {
      throw exceeded(layer, limits.bytes(), "bytes");
    }
  }

  private static LayerRefused exceeded(String layer, long limit, String what) {
    return new LayerRefused(
        layer
            + " is where the image comes to more than "
            + limit
            + " "
            + what
            + "; --limit "
            + what
            + "=N allows more");
  }
}
