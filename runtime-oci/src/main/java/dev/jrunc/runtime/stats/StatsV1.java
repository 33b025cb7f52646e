package dev.jrunc.runtime.stats;

import dev.jrunc.runtime.stats.ContainerStats.Counter;
import dev.jrunc.runtime.stats.ContainerStats.DeviceCount;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what cgroup v1 tells of a container. */
public final class StatsV1 {
  private static final long NANOS_PER_TICK = 10_000_000; // USER_HZ is 100 on all architectures.

  private final GroupTexts texts;

  private StatsV1(GroupTexts texts) {
    this.texts = texts;
  }

  public static ContainerStats read(GroupTexts texts) {
    StatsV1 stats = new StatsV1(texts);
    return new ContainerStats(
        stats.cpu(),
        stats.cpuset(),
        stats.memory(),
        stats.pids(),
        new ContainerStats.BlockIo(stats.blockIo(), null),
        stats.hugepages());
  }

  private ContainerStats.Cpu cpu() {
    Map<String, Long> throttling = Numerals.pairs(texts.text("cpu", "cpu.stat"));
    Map<String, Long> ticks = Numerals.pairs(texts.text("cpuacct", "cpuacct.stat"));
    List<Long> inKernel = new ArrayList<>();
    List<Long> inUser = new ArrayList<>();
    for (String line : Numerals.lines(texts.text("cpuacct", "cpuacct.usage_all"))) {
      List<String> fields = Numerals.words(line);
      if (fields.size() >= 3 && !fields.get(0).equals("cpu")) {
        inUser.add(Numerals.of(fields.get(1)));
        inKernel.add(Numerals.of(fields.get(2)));
      }
    }
    return new ContainerStats.Cpu(
        Numerals.of(texts.text("cpuacct", "cpuacct.usage")),
        Numerals.list(texts.text("cpuacct", "cpuacct.usage_percpu")),
        inKernel,
        inUser,
        ticks.getOrDefault("system", 0L) * NANOS_PER_TICK,
        ticks.getOrDefault("user", 0L) * NANOS_PER_TICK,
        throttling.getOrDefault("nr_periods", 0L),
        throttling.getOrDefault("nr_throttled", 0L),
        throttling.getOrDefault("throttled_time", 0L),
        null);
  }

  private ContainerStats.Cpuset cpuset() {
    Map<String, Long> flags = new LinkedHashMap<>();
    for (String name : cpusetFlags()) {
      flags.put(name, Numerals.signed(texts.text("cpuset", "cpuset." + name)));
    }
    return new ContainerStats.Cpuset(
        Numerals.ranges(texts.text("cpuset", "cpuset.cpus")),
        Numerals.ranges(texts.text("cpuset", "cpuset.mems")),
        flags);
  }

  static List<String> cpusetFlags() {
    return List.of(
        "cpu_exclusive",
        "mem_hardwall",
        "mem_exclusive",
        "memory_migrate",
        "memory_spread_page",
        "memory_spread_slab",
        "memory_pressure",
        "sched_load_balance",
        "sched_relax_domain_level");
  }

  private ContainerStats.Memory memory() {
    Map<String, Long> raw = Numerals.pairs(texts.text("memory", "memory.stat"));
    return new ContainerStats.Memory(
        raw.getOrDefault("cache", 0L),
        counter("memory."),
        counter("memory.memsw."),
        counter("memory.kmem."),
        counter("memory.kmem.tcp."),
        raw,
        null);
  }

  // Swap and kernel memory are not counted by every kernel.
  private Counter counter(String prefix) {
    String usage = texts.text("memory", prefix + "usage_in_bytes");
    return usage == null
        ? Counter.NONE
        : new Counter(
            Numerals.of(texts.text("memory", prefix + "limit_in_bytes")),
            Numerals.of(usage),
            Numerals.of(texts.text("memory", prefix + "max_usage_in_bytes")),
            Numerals.of(texts.text("memory", prefix + "failcnt")));
  }

  private ContainerStats.Pids pids() {
    return pids(texts);
  }

  static ContainerStats.Pids pids(GroupTexts texts) {
    long limit = Numerals.of(texts.text("pids", "pids.max"));
    return new ContainerStats.Pids(
        Numerals.of(texts.text("pids", "pids.current")), limit == -1 ? 0 : limit);
  }

  /** From the scheduler that keeps count here: bfq, before Linux 5 cfq, or the throttling. */
  private Map<String, List<DeviceCount>> blockIo() {
    Map<String, List<DeviceCount>> found =
        tables(
            "blkio.bfq.",
            "sectors_recursive io_service_time_recursive io_wait_time_recursive"
                + " io_merged_recursive io_queued_recursive time_recursive io_serviced_recursive"
                + " io_service_bytes_recursive");
    found =
        found != null
            ? found
            : tables("blkio.bfq.", "io_serviced_recursive io_service_bytes_recursive");
    found =
        found != null
            ? found
            : tables("blkio.throttle.", "io_serviced_recursive io_service_bytes_recursive");
    found = found != null ? found : tables("blkio.throttle.", "io_serviced io_service_bytes");
    return found == null ? Map.of() : found;
  }

  // Files without a line are as good as missing: the kernel then counts elsewhere.
  private @Nullable Map<String, List<DeviceCount>> tables(String prefix, String files) {
    Map<String, List<DeviceCount>> tables = new LinkedHashMap<>();
    for (String file : Numerals.words(files)) {
      List<DeviceCount> counts = counts(texts.text("blkio", prefix + file));
      if (counts.isEmpty() && tables.isEmpty()) {
        return null;
      }
      tables.put(tableName(file), counts);
    }
    return tables;
  }

  private static String tableName(String file) {
    return switch (file) {
      case "sectors_recursive" -> "sectorsRecursive";
      case "io_service_time_recursive" -> "ioServiceTimeRecursive";
      case "io_wait_time_recursive" -> "ioWaitTimeRecursive";
      case "io_merged_recursive" -> "ioMergedRecursive";
      case "io_queued_recursive" -> "ioQueueRecursive";
      case "time_recursive" -> "ioTimeRecursive";
      case "io_serviced_recursive", "io_serviced" -> "ioServicedRecursive";
      default -> "ioServiceBytesRecursive";
    };
  }

  /** Lines such as {@code 8:0 Read 4096} or {@code 8:0 17}; the sum at the end is left out. */
  private static List<DeviceCount> counts(@Nullable String text) {
    List<DeviceCount> counts = new ArrayList<>();
    for (String line : Numerals.lines(text)) {
      List<String> fields = Numerals.words(line);
      if (fields.size() >= 3) {
        boolean named = fields.size() == 4;
        counts.add(
            new DeviceCount(
                Numerals.of(fields.get(0)),
                Numerals.of(fields.get(1)),
                named ? fields.get(2) : "",
                Numerals.of(fields.get(named ? 3 : 2))));
      }
    }
    return counts;
  }

  private Map<String, ContainerStats.Hugepages> hugepages() {
    Map<String, ContainerStats.Hugepages> all = new LinkedHashMap<>();
    for (String size : texts.hugepageSizes()) {
      String prefix = "hugetlb." + size + ".rsvd.";
      String usage = texts.text("hugetlb", prefix + "usage_in_bytes");
      if (usage == null) {
        prefix = "hugetlb." + size + ".";
        usage = texts.text("hugetlb", prefix + "usage_in_bytes");
      }
      if (usage != null) {
        all.put(
            size,
            new ContainerStats.Hugepages(
                Numerals.of(usage),
                Numerals.of(texts.text("hugetlb", prefix + "max_usage_in_bytes")),
                Numerals.of(texts.text("hugetlb", prefix + "failcnt"))));
      }
    }
    return all;
  }
}
