package dev.jrunc.runtime.cgroup;

import static dev.jrunc.runtime.cgroup.CgroupLimits.POINTER;
import static dev.jrunc.runtime.cgroup.CgroupLimits.number;
import static dev.jrunc.runtime.cgroup.CgroupLimits.set;
import static dev.jrunc.runtime.cgroup.CgroupWrite.Reaction.NEXT_IF_MISSING;
import static dev.jrunc.runtime.cgroup.CgroupWrite.Reaction.SKIP_IF_MISSING;

import dev.jrunc.spec.BlockIoResources;
import dev.jrunc.spec.CpuResources;
import dev.jrunc.spec.HugepageLimit;
import dev.jrunc.spec.MemoryResources;
import dev.jrunc.spec.NetworkResources;
import dev.jrunc.spec.PointerSegment;
import dev.jrunc.spec.Resources;
import dev.jrunc.spec.ThrottleDevice;
import dev.jrunc.spec.WeightDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the limits are on cgroup v2: Documentation/admin-guide/cgroup-v2.rst of the kernel. */
final class LimitsV2 {
  private final List<CgroupWrite> writes = new ArrayList<>();

  private LimitsV2() {}

  static List<CgroupWrite> of(Resources resources) {
    LimitsV2 limits = new LimitsV2();
    if (resources.pids() != null && resources.pids().limit() != null) {
      String value = LimitsV1.pidsMaximum(resources.pids().limit());
      limits.write("pids.max", value, "/pids/limit");
    }
    if (resources.memory() != null) {
      limits.memory(resources.memory());
    }
    if (resources.blockIo() != null) {
      limits.blockIo(resources.blockIo());
    }
    if (resources.cpu() != null) {
      limits.cpu(resources.cpu());
    }
    limits.hugepages(resources.hugepageLimits());
    refuseNetwork(resources.network());
    RdmaLimits.add(limits.writes, resources.rdma(), "rdma");
    // Last: who writes a raw key means it.
    limits.unified(resources.unified());
    return limits.writes;
  }

  private void write(String file, String value, String pointer) {
    write(file, value, pointer, CgroupWrite.Reaction.FAIL);
  }

  private void write(String file, String value, String pointer, CgroupWrite.Reaction reaction) {
    writes.add(new CgroupWrite(controllerOf(file), file, value, POINTER + pointer, reaction));
  }

  private static String controllerOf(String file) {
    int dot = file.indexOf('.');
    return dot < 0 ? file : file.substring(0, dot);
  }

  private static String orMax(long value) {
    return value < 0 ? "max" : Long.toString(value);
  }

  private void memory(MemoryResources memory) {
    refuseOld(memory);
    long limit = number(memory.limit());
    long both = number(memory.swap());
    String swap = swapAlone(limit, both);
    if (swap != null) {
      // A kernel without swap has no such file, and nothing to forbid or to allow.
      boolean harmless = swap.equals("max") || swap.equals("0");
      var reaction = harmless ? SKIP_IF_MISSING : CgroupWrite.Reaction.FAIL;
      write("memory.swap.max", swap, "/memory/swap", reaction);
    }
    if (limit != 0) {
      write("memory.max", orMax(limit), "/memory/limit");
    }
    if (set(memory.reservation())) {
      write("memory.low", orMax(number(memory.reservation())), "/memory/reservation");
    }
  }

  private static void refuseOld(MemoryResources memory) {
    if (memory.swappiness() != null && memory.swappiness() != -1) {
      throw notOnV2("memory swappiness", "/memory/swappiness");
    }
    if (memory.disableOomKiller() != null && memory.disableOomKiller()) {
      throw notOnV2("disabling the OOM killer", "/memory/disableOOMKiller");
    }
  }

  /** The specification counts memory and swap together, v2 counts swap alone. */
  private static @Nullable String swapAlone(long limit, long both) {
    if (limit == -1 && both == 0) {
      return "max";
    }
    if (both == 0) {
      return null;
    }
    if (both == -1) {
      return "max";
    }
    if (limit == -1) {
      return Long.toString(both);
    }
    if (limit == 0) {
      throw CgroupLimits.invalid(
          "unable to set swap limit without memory limit", POINTER + "/memory/swap");
    }
    if (both < limit) {
      throw CgroupLimits.invalid(
          "memory+swap limit " + both + " should be >= memory limit " + limit,
          POINTER + "/memory/swap");
    }
    return Long.toString(both - limit);
  }

  private void cpu(CpuResources cpu) {
    if (set(cpu.realtimeRuntime())) {
      throw notOnV2("a real-time runtime", "/cpu/realtimeRuntime");
    }
    if (set(cpu.realtimePeriod())) {
      throw notOnV2("a real-time period", "/cpu/realtimePeriod");
    }
    if (cpu.idle() != null) {
      write("cpu.idle", "" + cpu.idle(), "/cpu/idle");
    }
    if (set(cpu.shares())) {
      write("cpu.weight", "" + weightOfShares(number(cpu.shares())), "/cpu/shares");
    }
    if (set(cpu.quota()) || set(cpu.period())) {
      long defaultPeriod = 100000;
      String quota = number(cpu.quota()) > 0 ? "" + cpu.quota() : "max";
      String value = quota + " " + (set(cpu.period()) ? number(cpu.period()) : defaultPeriod);
      write("cpu.max", value, set(cpu.quota()) ? "/cpu/quota" : "/cpu/period");
    }
    if (cpu.burst() != null) {
      // After cpu.max: a burst above the quota is refused.
      var reaction = cpu.burst() == 0 ? SKIP_IF_MISSING : CgroupWrite.Reaction.FAIL;
      write("cpu.max.burst", "" + cpu.burst(), "/cpu/burst", reaction);
    }
    if (cpu.cpus() != null && !cpu.cpus().isEmpty()) {
      write("cpuset.cpus", cpu.cpus(), "/cpu/cpus");
    }
    if (cpu.mems() != null && !cpu.mems().isEmpty()) {
      write("cpuset.mems", cpu.mems(), "/cpu/mems");
    }
  }

  /**
   * runc's quadratic curve through (2, 1), (1024, 100) and (262144, 10000), so that the default of
   * v1 becomes the default of v2.
   */
  static long weightOfShares(long shares) {
    if (shares <= 2) {
      return 1;
    }
    if (shares >= 262144) {
      return 10000;
    }
    double log = Math.log((double) shares) / Math.log(2);
    // Powers of two are exact with a true log2, and their weights are known numbers: keep them.
    if ((shares & (shares - 1)) == 0) {
      log = Long.numberOfTrailingZeros(shares);
    }
    double exponent = (log * log + 125 * log) / 612.0 - 7.0 / 34.0;
    return (long) Math.ceil(Math.pow(10, exponent));
  }

  private void blockIo(BlockIoResources io) {
    if (io.leafWeight() != null && io.leafWeight() != 0) {
      throw notOnV2("a leaf weight", "/blockIO/leafWeight");
    }
    if (io.weight() != null && io.weight() != 0) {
      write("io.bfq.weight", "" + io.weight(), "/blockIO/weight", NEXT_IF_MISSING);
      long weight = 1 + (io.weight() - 10) * 9999L / 990;
      write("io.weight", "" + weight, "/blockIO/weight");
    }
    for (int i = 0; i < io.weightDevice().size(); i++) {
      WeightDevice device = io.weightDevice().get(i);
      String pointer = "/blockIO/weightDevice/" + i;
      if (device.leafWeight() != null && device.leafWeight() != 0) {
        throw notOnV2("a leaf weight", pointer + "/leafWeight");
      }
      if (device.weight() != null && device.weight() != 0) {
        String value = device.major() + ":" + device.minor() + " " + device.weight();
        write("io.bfq.weight", value, pointer);
      }
    }
    throttle(io.throttleReadBpsDevice(), "rbps", "/blockIO/throttleReadBpsDevice/");
    throttle(io.throttleWriteBpsDevice(), "wbps", "/blockIO/throttleWriteBpsDevice/");
    throttle(io.throttleReadIopsDevice(), "riops", "/blockIO/throttleReadIOPSDevice/");
    throttle(io.throttleWriteIopsDevice(), "wiops", "/blockIO/throttleWriteIOPSDevice/");
  }

  private void throttle(List<ThrottleDevice> devices, String key, String pointer) {
    for (int i = 0; i < devices.size(); i++) {
      ThrottleDevice device = devices.get(i);
      // A rate of 0 lifts the limit, as it does on v1.
      String rate = device.rate() == 0 ? "max" : Long.toUnsignedString(device.rate());
      String value = device.major() + ":" + device.minor() + " " + key + "=" + rate;
      write("io.max", value, pointer + i);
    }
  }

  private void hugepages(List<HugepageLimit> limits) {
    for (int i = 0; i < limits.size(); i++) {
      String file = "hugetlb." + limits.get(i).pageSize();
      String value = Long.toUnsignedString(limits.get(i).limit());
      write(file + ".max", value, "/hugepageLimits/" + i);
      write(file + ".rsvd.max", value, "/hugepageLimits/" + i, SKIP_IF_MISSING);
    }
  }

  private static void refuseNetwork(@Nullable NetworkResources network) {
    if (network != null && set(network.classId())) {
      throw notOnV2("a network class", "/network/classID");
    }
    if (network != null && !network.priorities().isEmpty()) {
      throw notOnV2("a network priority", "/network/priorities");
    }
  }

  private void unified(Map<String, String> unified) {
    for (Map.Entry<String, String> entry : unified.entrySet()) {
      String key = entry.getKey();
      String pointer = "/unified/" + PointerSegment.of(key);
      if (key.indexOf('/') >= 0 || key.indexOf('.') <= 0) {
        throw CgroupLimits.invalid(
            "unified resource \"" + key + "\" must be a file name such as \"memory.high\"",
            POINTER + pointer);
      }
      write(key, entry.getValue(), pointer);
    }
  }

  private static dev.jrunc.runtime.error.Failure notOnV2(String what, String pointer) {
    return CgroupLimits.unsupported(
        what + " cannot be set on cgroup v2", POINTER + pointer, "leave the field out");
  }
}
