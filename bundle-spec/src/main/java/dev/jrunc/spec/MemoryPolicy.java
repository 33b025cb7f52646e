package dev.jrunc.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** NUMA policy, see set_mempolicy(2); nodes as a list such as 0-1. */
public record MemoryPolicy(String mode, @Nullable String nodes, List<String> flags) {
  /** The modes there are, divided by spaces. */
  public static final String MODES =
      "MPOL_DEFAULT MPOL_BIND MPOL_INTERLEAVE MPOL_WEIGHTED_INTERLEAVE MPOL_PREFERRED"
          + " MPOL_PREFERRED_MANY MPOL_LOCAL";

  /** The flags there are, divided by spaces. */
  public static final String FLAGS =
      "MPOL_F_NUMA_BALANCING MPOL_F_RELATIVE_NODES MPOL_F_STATIC_NODES";

  public MemoryPolicy {
    flags = List.copyOf(flags);
  }
}
