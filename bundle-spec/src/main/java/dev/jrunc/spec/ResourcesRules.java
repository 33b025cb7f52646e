package dev.jrunc.spec;

/** The rules of resources, in config.json or by themselves. */
final class ResourcesRules {
  private ResourcesRules() {}

  /** Checks the resources whose pointer is {@code at}. */
  static void check(Resources resources, String at, Findings found) {
    for (String key : resources.unified().keySet()) {
      if (key.isEmpty() || key.indexOf('/') >= 0) {
        found.rule(
            at + "/unified/" + PointerSegment.of(key),
            "unified resource \"" + key + "\" must be a file name (no slashes)",
            "");
      }
    }
    MemoryResources memory = resources.memory();
    if (memory != null) {
      memory(memory, at + "/memory", found);
    }
  }

  private static void memory(MemoryResources memory, String at, Findings found) {
    Long limit = memory.limit();
    Long swap = memory.swap();
    if (limit != null && swap != null && swap > 0 && limit > 0 && swap < limit) {
      found.rule(
          at + "/swap",
          "memory+swap limit should be >= memory limit",
          "swap is the limit of memory and swap together");
    }
    Long swappiness = memory.swappiness();
    if (swappiness != null && Long.compareUnsigned(swappiness, 100) > 0) {
      found.rule(
          at + "/swappiness",
          "invalid memory swappiness value: "
              + Long.toUnsignedString(swappiness)
              + " (valid range is 0-100)",
          "");
    }
  }
}
