package dev.jrunc.runtime.rdt;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code events} tells of resctrl.
 *
 * @param cache null where the processor does not share its cache out
 * @param bandwidth null where it does not share memory bandwidth out
 * @param schemata all lines of the group
 * @param monitored what each cache domain has counted, null where nothing counts
 * @param countsBandwidth whether the counts of bandwidth are real
 * @param countsOccupancy whether those of the cache are
 */
public record RdtStats(
    @Nullable Cache cache,
    @Nullable Bandwidth bandwidth,
    List<String> schemata,
    @Nullable List<Domain> monitored,
    boolean countsBandwidth,
    boolean countsOccupancy) {

  /** Of the last level cache: what there is, and the lines of the root and of the group. */
  public record Cache(
      String mask, long fewestBits, long classes, String rootSchema, String groupSchema) {}

  /** Of memory bandwidth. */
  public record Bandwidth(
      long granularity,
      long linear,
      long least,
      long classes,
      String rootSchema,
      String groupSchema) {}

  /** Counts of one domain. */
  public record Domain(long totalBytes, long localBytes, long occupancy) {}
}
