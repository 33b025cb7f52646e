package dev.jrunc.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Class and priorities of network traffic; cgroup v1 only. */
public record NetworkResources(@Nullable Long classId, List<InterfacePriority> priorities) {
  public NetworkResources {
    priorities = List.copyOf(priorities);
  }
}
