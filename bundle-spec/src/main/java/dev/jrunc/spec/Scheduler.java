package dev.jrunc.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** How the kernel schedules the program, see sched_setattr(2); times in nanoseconds. */
public record Scheduler(
    String policy,
    @Nullable Integer nice,
    @Nullable Integer priority,
    List<String> flags,
    @Nullable Long runtime,
    @Nullable Long deadline,
    @Nullable Long period) {
  public Scheduler {
    flags = List.copyOf(flags);
  }
}
