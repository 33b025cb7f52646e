package dev.jrunc.image.layer;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What the layers of one image have used up of its {@link UnpackLimits}, side by side or not. */
public final class UnpackBudget {
  private final UnpackLimits limits;
  private final @Nullable UnpackBudget whole;
  private final AtomicLong entries = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();

  public UnpackBudget(UnpackLimits limits) {
    this(limits, null);
  }

  private UnpackBudget(UnpackLimits limits, @Nullable UnpackBudget whole) {
    this.limits = limits;
    this.whole = whole;
  }

  /** Counts in this one too, and can be given back: for an attempt that may have to be repeated. */
  public UnpackBudget part() {
    return new UnpackBudget(limits, this);
  }

  /** Takes out of the whole what was counted in this part; nothing of it may be at work. */
  public void giveBack() {
    if (whole != null) {
      whole.entries.addAndGet(-entries.getAndSet(0));
      whole.bytes.addAndGet(-bytes.getAndSet(0));
    }
  }

  UnpackLimits limits() {
    return limits;
  }

  void entry(String layer) {
    if (entries.incrementAndGet() > limits.entries()) {
      throw exceeded(layer, limits.entries(), "entries");
    }
    if (whole != null) {
      whole.entry(layer);
    }
  }

  void bytes(String layer, long more) {
    if (bytes.addAndGet(more) > limits.bytes()) {
      throw exceeded(layer, limits.bytes(), "bytes");
    }
    if (whole != null) {
      whole.bytes(layer, more);
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
