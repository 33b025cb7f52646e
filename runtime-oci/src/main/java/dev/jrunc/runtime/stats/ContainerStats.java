package dev.jrunc.runtime.stats;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a container uses now and has used since it was made. Numbers are 64 bits unsigned; times in
 * nanoseconds, sizes in bytes.
 */
public record ContainerStats(
    Cpu cpu,
    Cpuset cpuset,
    Memory memory,
    Pids pids,
    BlockIo blockIo,
    Map<String, Hugepages> hugepages) {

  /** Processor time; the lists have an entry for each processor. */
  public record Cpu(
      long total,
      List<Long> each,
      List<Long> eachInKernel,
      List<Long> eachInUser,
      long inKernel,
      long inUser,
      long periods,
      long throttledPeriods,
      long throttledTime,
      @Nullable Pressure pressure) {}

  /**
   * Where it may run.
   *
   * @param flags the other files of the controller in runc's order, by runc's names
   */
  public record Cpuset(List<Long> processors, List<Long> nodes, Map<String, Long> flags) {}

  /**
   * Memory.
   *
   * @param swap with memory, as v1 counts
   * @param raw memory.stat
   */
  public record Memory(
      long cache,
      Counter usage,
      Counter swap,
      Counter kernel,
      Counter kernelTcp,
      Map<String, Long> raw,
      @Nullable Pressure pressure) {}

  /** One counted kind of memory. */
  public record Counter(long limit, long usage, long highest, long failures) {
    static final Counter NONE = new Counter(0, 0, 0, 0);
  }

  /** Processes; a limit of 0 is none. */
  public record Pids(long current, long limit) {}

  /** Block I/O, by runc's names of its tables. */
  public record BlockIo(Map<String, List<DeviceCount>> tables, @Nullable Pressure pressure) {}

  /** A count of one device; {@code operation} may be empty. */
  public record DeviceCount(long major, long minor, String operation, long value) {}

  /** Huge pages of one size. */
  public record Hugepages(long usage, long highest, long failures) {}
}
