package dev.jrunc.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** NUMA policy, see set_mempolicy(2); nodes as a list such as 0-1. */
public record MemoryPolicy(String mode, @Nullable String nodes, List<String> flags) {
  public MemoryPolicy {
    flags = List.copyOf(flags);
  }
}
