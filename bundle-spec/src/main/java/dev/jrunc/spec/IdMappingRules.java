package dev.jrunc.spec;

import java.util.List;

/** The rules of id mappings, which the kernel would refuse with a bare EINVAL. */
final class IdMappingRules {
  // UID_GID_MAP_MAX_EXTENTS of the kernel, since 4.15.
  private static final int MOST = 340;
  private static final long IDS = 1L << 32;

  private IdMappingRules() {}

  static void check(List<IdMapping> mappings, String at, Findings found) {
    if (mappings.size() > MOST) {
      found.rule(at, "more than " + MOST + " id mappings", "the kernel takes no more");
      return;
    }
    if (found.isDoubtful(at)) {
      return;
    }
    for (int i = 0; i < mappings.size(); i++) {
      IdMapping mapping = mappings.get(i);
      String pointer = at + "/" + i;
      if (mapping.size() == 0) {
        found.rule(pointer + "/size", "the size of an id mapping must not be 0", "");
      }
      if (mapping.containerId() + mapping.size() > IDS || mapping.hostId() + mapping.size() > IDS) {
        found.rule(pointer + "/size", "the id mapping goes beyond the highest id", "");
      }
      for (int k = 0; k < i; k++) {
        IdMapping other = mappings.get(k);
        if (overlap(mapping.containerId(), other.containerId(), mapping, other)
            || overlap(mapping.hostId(), other.hostId(), mapping, other)) {
          found.rule(pointer, "the id mapping overlaps with number " + k, "");
        }
      }
    }
  }

  private static boolean overlap(long a, long b, IdMapping first, IdMapping second) {
    return a < b + second.size() && b < a + first.size();
  }
}
