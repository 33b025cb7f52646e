package dev.jrunc.runtime.stats;

import dev.jrunc.runtime.stats.ContainerStats.Counter;
import dev.jrunc.runtime.stats.ContainerStats.DeviceCount;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what cgroup v2 tells of a container, in the words of v1, which engines know. */
public final class StatsV2 {
  private static final long NANOS_PER_MICRO = 1000;

  private final GroupTexts texts;

  private StatsV2(GroupTexts texts) {
    this.texts = texts;
  }

  public static ContainerStats read(GroupTexts texts) {
    StatsV2 stats = new StatsV2(texts);
    return new ContainerStats(
        stats.cpu(),
        cpuset(),
        stats.memory(),
        stats.pids(),
        new ContainerStats.BlockIo(stats.blockIo(), stats.pressure("io")),
        stats.hugepages());
  }

  private @Nullable Pressure pressure(String what) {
    return Pressure.of(texts.text(what, what + ".pressure"));
  }

  private ContainerStats.Cpu cpu() {
    Map<String, Long> stat = Numerals.pairs(texts.text("cpu", "cpu.stat"));
    return new ContainerStats.Cpu(
        stat.getOrDefault("usage_usec", 0L) * NANOS_PER_MICRO,
        List.of(),
        List.of(),
        List.of(),
        stat.getOrDefault("system_usec", 0L) * NANOS_PER_MICRO,
        stat.getOrDefault("user_usec", 0L) * NANOS_PER_MICRO,
        stat.getOrDefault("nr_periods", 0L),
        stat.getOrDefault("nr_throttled", 0L),
        stat.getOrDefault("throttled_usec", 0L) * NANOS_PER_MICRO,
        pressure("cpu"));
  }

  // v2 has none of these flags, and runc tells no processors there.
  private static ContainerStats.Cpuset cpuset() {
    Map<String, Long> flags = new LinkedHashMap<>();
    for (String name : StatsV1.cpusetFlags()) {
      flags.put(name, 0L);
    }
    return new ContainerStats.Cpuset(List.of(), List.of(), flags);
  }

  private ContainerStats.Memory memory() {
    Map<String, Long> raw = Numerals.pairs(texts.text("memory", "memory.stat"));
    Counter usage = counter("memory.");
    Counter swap = counter("memory.swap.");
    // v1 counts memory and swap together; the highest of a sum is not the sum of the highest.
    Counter both =
        new Counter(
            swap.limit() == -1 ? -1 : swap.limit() + usage.limit(),
            swap.usage() + usage.usage(),
            0,
            0);
    return new ContainerStats.Memory(
        raw.getOrDefault("file", 0L),
        usage,
        both,
        Counter.NONE,
        Counter.NONE,
        raw,
        pressure("memory"));
  }

  private Counter counter(String prefix) {
    String usage = texts.text("memory", prefix + "current");
    return usage == null
        ? Counter.NONE
        : new Counter(
            Numerals.of(texts.text("memory", prefix + "max")),
            Numerals.of(usage),
            Numerals.of(texts.text("memory", prefix + "peak")),
            0);
  }

  // Without the controller the processes themselves are counted.
  private ContainerStats.Pids pids() {
    if (texts.text("pids", "pids.current") != null) {
      return StatsV1.pids(texts);
    }
    long count = Numerals.lines(texts.text("", "cgroup.procs")).size();
    return new ContainerStats.Pids(count, 0);
  }

  private Map<String, List<DeviceCount>> blockIo() {
    List<DeviceCount> bytes = new ArrayList<>();
    List<DeviceCount> times = new ArrayList<>();
    for (String line : Numerals.lines(texts.text("io", "io.stat"))) {
      List<String> fields = Numerals.words(line);
      if (fields.size() < 3) {
        continue;
      }
      long major = Numerals.of(fields.get(0));
      long minor = Numerals.of(fields.get(1));
      for (String field : fields.subList(2, fields.size())) {
        int equals = field.indexOf('=');
        long value = equals < 0 ? 0 : Numerals.of(field.substring(equals + 1));
        switch (equals < 0 ? "" : field.substring(0, equals)) {
          case "rbytes" -> bytes.add(new DeviceCount(major, minor, "Read", value));
          case "wbytes" -> bytes.add(new DeviceCount(major, minor, "Write", value));
          case "rios" -> times.add(new DeviceCount(major, minor, "Read", value));
          case "wios" -> times.add(new DeviceCount(major, minor, "Write", value));
          default -> {}
        }
      }
    }
    Map<String, List<DeviceCount>> tables = new LinkedHashMap<>();
    tables.put("ioServiceBytesRecursive", bytes);
    tables.put("ioServicedRecursive", times);
    return tables;
  }

  private Map<String, ContainerStats.Hugepages> hugepages() {
    Map<String, ContainerStats.Hugepages> all = new LinkedHashMap<>();
    for (String size : texts.hugepageSizes()) {
      String prefix = "hugetlb." + size;
      String usage = texts.text("hugetlb", prefix + ".rsvd.current");
      usage = usage == null ? texts.text("hugetlb", prefix + ".current") : usage;
      if (usage != null) {
        long failures =
            Numerals.pairs(texts.text("hugetlb", prefix + ".events")).getOrDefault("max", 0L);
        all.put(size, new ContainerStats.Hugepages(Numerals.of(usage), 0, failures));
      }
    }
    return all;
  }
}
