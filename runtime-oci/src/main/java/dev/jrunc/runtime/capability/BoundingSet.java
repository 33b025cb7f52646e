package dev.jrunc.runtime.capability;

import dev.jrunc.kernel.Linux;

/**
 * What the kernel says of each capability, prctl(2) PR_CAPBSET_READ: one call a number.
 *
 * @param known all that the running kernel has
 * @param available those this process may give at most
 */
public record BoundingSet(long known, long available) {
  private static final int READ_BOUNDING = 23;

  /** The set of this process. */
  public static BoundingSet read(Linux linux) {
    long known = 0;
    long available = 0;
    for (int i = 0; i < Capability.COUNT; i++) {
      long has = linux.processes().controlRaw(READ_BOUNDING, i, 0, 0, 0);
      known |= has >= 0 ? 1L << i : 0;
      available |= has == 1 ? 1L << i : 0;
    }
    return new BoundingSet(known, available);
  }
}
