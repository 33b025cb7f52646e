package dev.jrunc.runtime.systemd;

import dev.jrunc.runtime.cgroup.CgroupLayout;
import dev.jrunc.runtime.cgroup.CgroupLimits;
import dev.jrunc.runtime.cgroup.CgroupWrite;
import dev.jrunc.runtime.dbus.Value;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.Separated;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Limits in systemd's words, see systemd.resource-control(5). They are taken from what is to be
 * written to the files, so that both always say the same; what systemd has no word for stays with
 * the files alone.
 */
final class ResourceProperties {
  /** What systemd calls infinity. */
  private static final long INFINITY = -1;

  /** The period of the kernel, in microseconds. */
  private static final long DEFAULT_PERIOD = 100_000;

  /** systemd counts shares of a processor in hundredths. */
  private static final long HUNDREDTH = 10_000;

  private static final int LARGEST_SET = 1 << 16;
  private static final String OOM_GROUP = "memory.oom.group";

  private final Map<String, Value> properties = new LinkedHashMap<>();
  private final boolean idleByWeight;

  private ResourceProperties(boolean idleByWeight) {
    this.idleByWeight = idleByWeight;
  }

  /** Whether it depends on systemd's version what can be said. */
  static boolean needVersion(CgroupLimits limits) {
    for (CgroupWrite write : limits.writes()) {
      if (write.file().equals("cpu.idle") || write.file().equals(OOM_GROUP)) {
        return true;
      }
    }
    return false;
  }

  /**
   * The properties; of two limits for one thing the later counts, as it does in the files.
   *
   * @param version systemd's, where {@link #needVersion} says so
   */
  static List<Property> of(CgroupLayout layout, CgroupLimits limits, int version) {
    int idleByWeightSince = 252;
    ResourceProperties of = new ResourceProperties(version >= idleByWeightSince);
    for (CgroupWrite write : limits.writes()) {
      if (layout == CgroupLayout.V2) {
        of.unified(write);
      }
    }
    if (layout == CgroupLayout.V1) {
      of.legacy(limits.writes());
    }
    List<Property> all = new ArrayList<>();
    for (Map.Entry<String, Value> property : of.properties.entrySet()) {
      all.add(new Property(property.getKey(), property.getValue()));
    }
    return all;
  }

  /**
   * Whether one that is killed for want of memory takes the others along: systemd, which watches
   * for that too, must be told when the scope is made and cannot be told later.
   */
  static List<Property> oomPolicy(CgroupLimits limits, int version) {
    int ofScopesSince = 253;
    for (CgroupWrite write : limits.writes()) {
      if (write.file().equals(OOM_GROUP) && version >= ofScopesSince) {
        String policy = write.value().trim().equals("1") ? "kill" : "continue";
        return List.of(Property.of("OOMPolicy", policy));
      }
    }
    return List.of();
  }

  private void unified(CgroupWrite write) {
    switch (write.file()) {
      case "memory.min" -> amount("MemoryMin", write);
      case "memory.low" -> amount("MemoryLow", write);
      case "memory.high" -> amount("MemoryHigh", write);
      case "memory.max" -> amount("MemoryMax", write);
      case "memory.swap.max" -> amount("MemorySwapMax", write);
      case "pids.max" -> tasks(write);
      case "cpu.weight" -> {
        // Weight 0 stands for idle, which is stronger.
        if (!isIdle()) {
          amount("CPUWeight", write);
        }
      }
      case "cpu.idle" -> {
        if (write.value().trim().equals("1") && idleByWeight) {
          put("CPUWeight", 0);
        }
      }
      case "cpu.max" -> {
        List<String> words = words(write.value());
        String period = words.size() > 1 ? words.get(1) : "" + DEFAULT_PERIOD;
        long quota = words.get(0).equals("max") ? -1 : number(words.get(0), write);
        quota(quota, number(period, write));
      }
      case "cpuset.cpus" -> set("AllowedCPUs", write);
      case "cpuset.mems" -> set("AllowedMemoryNodes", write);
      case "io.weight" -> {
        String value = write.value().trim();
        String plain = value.startsWith("default ") ? value.substring(8) : value;
        if (plain.indexOf(' ') < 0) {
          put("IOWeight", number(plain, write));
        }
      }
      default -> {}
    }
  }

  private void legacy(List<CgroupWrite> writes) {
    @Nullable CgroupWrite quota = null;
    long period = 0;
    for (CgroupWrite write : writes) {
      switch (write.file()) {
        case "memory.limit_in_bytes" -> amount("MemoryLimit", write);
        case "cpu.shares" -> amount("CPUShares", write);
        case "cpu.cfs_quota_us" -> quota = write;
        case "cpu.cfs_period_us" -> period = number(write.value(), write);
        case "blkio.weight" -> amount("BlockIOWeight", write);
        case "pids.max" -> tasks(write);
        case "cpuset.cpus" -> set("AllowedCPUs", write);
        case "cpuset.mems" -> set("AllowedMemoryNodes", write);
        default -> {}
      }
    }
    if (quota != null) {
      quota(number(quota.value(), quota), period == 0 ? DEFAULT_PERIOD : period);
    } else if (period != 0) {
      quota(-1, period);
    }
  }

  // The kernel takes any number of blanks between the two.
  private static List<String> words(String value) {
    List<String> words = new ArrayList<>(Separated.by(' ', value.trim().replace('\t', ' ')));
    words.removeIf(String::isEmpty);
    return words.isEmpty() ? List.of("") : words;
  }

  private boolean isIdle() {
    return properties.get("CPUWeight") instanceof Value.Number number && number.bits() == 0;
  }

  private void put(String name, long value) {
    properties.put(name, Value.uint64(value));
  }

  private void amount(String name, CgroupWrite write) {
    String value = write.value().trim();
    put(name, value.equals("max") || value.equals("-1") ? INFINITY : number(value, write));
  }

  // systemd takes no 0, and the first process is there in any case.
  private void tasks(CgroupWrite write) {
    String value = write.value().trim();
    put("TasksMax", value.equals("max") ? INFINITY : Math.max(1, number(value, write)));
  }

  private void quota(long quota, long period) {
    if (period <= 0) {
      return;
    }
    put("CPUQuotaPeriodUSec", period);
    put("CPUQuotaPerSecUSec", quota <= 0 ? INFINITY : perSecond(quota, period));
  }

  private static long perSecond(long quota, long period) {
    long exact = quota * 1_000_000 / period;
    return (exact + HUNDREDTH - 1) / HUNDREDTH * HUNDREDTH;
  }

  /**
   * The quota that systemd will write for {@code quota}: up to the next hundredth of a processor.
   * It is to be in the files from the beginning, or it would change at some later time.
   */
  static long rounded(long quota, long period) {
    long length = period <= 0 ? DEFAULT_PERIOD : period;
    return quota <= 0 ? quota : perSecond(quota, length) * length / 1_000_000;
  }

  /** {@code 0-2,5} as bits, the lowest first. */
  private void set(String name, CgroupWrite write) {
    byte[] bits = new byte[0];
    for (String range : Separated.by(',', write.value())) {
      String text = range.trim();
      if (text.isEmpty()) {
        continue;
      }
      int dash = text.indexOf('-');
      long first = number(dash < 0 ? text : text.substring(0, dash), write);
      long last = dash < 0 ? first : number(text.substring(dash + 1), write);
      if (first > last || last >= LARGEST_SET) {
        throw bad(write);
      }
      bits = java.util.Arrays.copyOf(bits, Math.max(bits.length, (int) last / 8 + 1));
      for (int i = (int) first; i <= last; i++) {
        bits[i / 8] |= (byte) (1 << i % 8);
      }
    }
    properties.put(name, Value.bytes(bits));
  }

  // What no digits are is for the kernel to refuse, but systemd is asked first.
  private static long number(String text, CgroupWrite write) {
    String digits = text.trim();
    long value = 0;
    for (int i = 0; i < digits.length(); i++) {
      char c = digits.charAt(i);
      if (c < '0' || c > '9') {
        if (c == '-' && i == 0 && digits.length() > 1) {
          return -number(digits.substring(1), write);
        }
        throw bad(write);
      }
      // The largest there is stands for infinity; what is larger would stand for something else.
      if (Long.compareUnsigned(value, Long.divideUnsigned(-1L - (c - '0'), 10)) > 0) {
        throw bad(write);
      }
      value = value * 10 + (c - '0');
    }
    if (digits.isEmpty()) {
      throw bad(write);
    }
    return value;
  }

  private static Failure bad(CgroupWrite write) {
    return Failure.of(
            Failure.Code.INVALID_CONFIG,
            "\"" + write.value() + "\" is no value for \"" + write.file() + "\"")
        .phase("cgroup")
        .pointer(write.pointer())
        .build();
  }
}
