package dev.jrunc.runtime.cgroup;

import static dev.jrunc.runtime.cgroup.CgroupLimits.POINTER;
import static dev.jrunc.runtime.cgroup.CgroupLimits.number;
import static dev.jrunc.runtime.cgroup.CgroupLimits.set;
import static dev.jrunc.runtime.cgroup.CgroupWrite.Reaction.AFTER_NEXT_IF_INVALID;
import static dev.jrunc.runtime.cgroup.CgroupWrite.Reaction.NEXT_IF_MISSING;
import static dev.jrunc.runtime.cgroup.CgroupWrite.Reaction.READ_BACK;
import static dev.jrunc.runtime.cgroup.CgroupWrite.Reaction.SKIP_IF_MISSING;

import dev.jrunc.spec.BlockIoResources;
import dev.jrunc.spec.CpuResources;
import dev.jrunc.spec.HugepageLimit;
import dev.jrunc.spec.InterfacePriority;
import dev.jrunc.spec.MemoryResources;
import dev.jrunc.spec.NetworkResources;
import dev.jrunc.spec.PidsResources;
import dev.jrunc.spec.Resources;
import dev.jrunc.spec.ThrottleDevice;
import dev.jrunc.spec.WeightDevice;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the limits are on cgroup v1: Documentation/admin-guide/cgroup-v1 of the kernel. */
final class LimitsV1 {
  private final List<CgroupWrite> writes = new ArrayList<>();

  private LimitsV1() {}

  /** Without {@code devices} no rule for them is touched. */
  static List<CgroupWrite> of(Resources resources, @Nullable DeviceRules devices) {
    LimitsV1 limits = new LimitsV1();
    if (!resources.unified().isEmpty()) {
      throw CgroupLimits.unsupported(
          "invalid configuration: cannot use unified on cgroup v1",
          POINTER + "/unified",
          "use the fields of /linux/resources, such as memory and cpu");
    }
    limits.cpuset(resources);
    for (String rule : devices == null ? List.<String>of() : devices.denyThenAllow()) {
      boolean allow = rule.charAt(0) == '+';
      String file = allow ? "devices.allow" : "devices.deny";
      limits.write("devices", file, rule.substring(1), "/devices");
    }
    if (resources.memory() != null) {
      limits.memory(resources.memory());
    }
    if (resources.cpu() != null) {
      limits.cpu(resources.cpu());
    }
    limits.pids(resources.pids());
    if (resources.blockIo() != null) {
      limits.blockIo(resources.blockIo());
    }
    limits.hugepages(resources.hugepageLimits());
    if (resources.network() != null) {
      limits.network(resources.network());
    }
    RdmaLimits.add(limits.writes, resources.rdma(), "rdma");
    return limits.writes;
  }

  private void write(String controller, String file, String value, String pointer) {
    writes.add(new CgroupWrite(controller, file, value, POINTER + pointer));
  }

  private void write(
      String controller, String file, String value, String pointer, CgroupWrite.Reaction reaction) {
    writes.add(new CgroupWrite(controller, file, value, POINTER + pointer, reaction));
  }

  private void cpuset(Resources resources) {
    CpuResources cpu = resources.cpu();
    if (cpu == null) {
      return;
    }
    if (cpu.cpus() != null && !cpu.cpus().isEmpty()) {
      write("cpuset", "cpuset.cpus", cpu.cpus(), "/cpu/cpus");
    }
    if (cpu.mems() != null && !cpu.mems().isEmpty()) {
      write("cpuset", "cpuset.mems", cpu.mems(), "/cpu/mems");
    }
  }

  // The kernel wants memory <= memory+swap at every moment. Memory, the lower one, comes first; if
  // it is above the old memory+swap, that is raised before. Where both are lifted, memory+swap is.
  private void memory(MemoryResources memory) {
    long swap = number(memory.swap());
    boolean lifted = number(memory.limit()) == -1 && swap == 0;
    if (lifted) {
      write("memory", "memory.memsw.limit_in_bytes", "-1", "/memory/limit", SKIP_IF_MISSING);
    }
    if (swap == -1) {
      write("memory", "memory.memsw.limit_in_bytes", "-1", "/memory/swap");
    }
    boolean bounded = swap != 0 && swap != -1;
    if (set(memory.limit())) {
      var reaction = bounded ? AFTER_NEXT_IF_INVALID : CgroupWrite.Reaction.FAIL;
      String limit = "" + memory.limit();
      write("memory", "memory.limit_in_bytes", limit, "/memory/limit", reaction);
    }
    if (bounded) {
      write("memory", "memory.memsw.limit_in_bytes", "" + swap, "/memory/swap");
    }
    if (set(memory.reservation())) {
      write(
          "memory", "memory.soft_limit_in_bytes", "" + memory.reservation(), "/memory/reservation");
    }
    if (memory.disableOomKiller() != null && memory.disableOomKiller()) {
      write("memory", "memory.oom_control", "1", "/memory/disableOOMKiller");
    }
    Long swappiness = memory.swappiness();
    if (swappiness != null && swappiness != -1) {
      if (swappiness < 0 || swappiness > 100) {
        throw CgroupLimits.invalid(
            "memory swappiness " + swappiness + " is not from 0 to 100",
            POINTER + "/memory/swappiness");
      }
      write("memory", "memory.swappiness", "" + swappiness, "/memory/swappiness");
    }
  }

  private void cpu(CpuResources cpu) {
    // Real-time first: a process that is already SCHED_RR cannot enter a group without a share.
    if (set(cpu.realtimePeriod())) {
      var reaction = set(cpu.realtimeRuntime()) ? AFTER_NEXT_IF_INVALID : CgroupWrite.Reaction.FAIL;
      write("cpu", "cpu.rt_period_us", "" + cpu.realtimePeriod(), "/cpu/realtimePeriod", reaction);
    }
    if (set(cpu.realtimeRuntime())) {
      write("cpu", "cpu.rt_runtime_us", "" + cpu.realtimeRuntime(), "/cpu/realtimeRuntime");
    }
    if (set(cpu.shares())) {
      write("cpu", "cpu.shares", "" + cpu.shares(), "/cpu/shares", READ_BACK);
    }
    // A shorter period with the old quota, or a burst above it, may exceed the parent's share: then
    // the quota goes first.
    if (set(cpu.period())) {
      var reaction = set(cpu.quota()) ? AFTER_NEXT_IF_INVALID : CgroupWrite.Reaction.FAIL;
      write("cpu", "cpu.cfs_period_us", "" + cpu.period(), "/cpu/period", reaction);
    }
    if (set(cpu.quota())) {
      var reaction = cpu.burst() != null ? AFTER_NEXT_IF_INVALID : CgroupWrite.Reaction.FAIL;
      write("cpu", "cpu.cfs_quota_us", "" + cpu.quota(), "/cpu/quota", reaction);
    }
    if (cpu.burst() != null) {
      write("cpu", "cpu.cfs_burst_us", "" + cpu.burst(), "/cpu/burst", burstReaction(cpu.burst()));
    }
    if (cpu.idle() != null) {
      write("cpu", "cpu.idle", "" + cpu.idle(), "/cpu/idle");
    }
  }

  /** No burst is what a kernel without the file gives. */
  private static CgroupWrite.Reaction burstReaction(long burst) {
    return burst == 0 ? SKIP_IF_MISSING : CgroupWrite.Reaction.FAIL;
  }

  private void pids(@Nullable PidsResources pids) {
    if (pids != null && pids.limit() != null) {
      write("pids", "pids.max", pidsMaximum(pids.limit()), "/pids/limit");
    }
  }

  /**
   * The first process is there anyway, so 0 and 1 both mean that it can make no other. With 0 the
   * kernel would refuse the clone into the group itself; 1 is also what systemd can say.
   */
  static String pidsMaximum(long limit) {
    return limit < 0 ? "max" : Long.toString(Math.max(limit, 1));
  }

  private void blockIo(BlockIoResources io) {
    if (io.weight() != null && io.weight() != 0) {
      write("blkio", "blkio.weight", "" + io.weight(), "/blockIO/weight", NEXT_IF_MISSING);
      write("blkio", "blkio.bfq.weight", "" + io.weight(), "/blockIO/weight");
    }
    if (io.leafWeight() != null && io.leafWeight() != 0) {
      write("blkio", "blkio.leaf_weight", "" + io.leafWeight(), "/blockIO/leafWeight");
    }
    for (int i = 0; i < io.weightDevice().size(); i++) {
      WeightDevice device = io.weightDevice().get(i);
      String pointer = "/blockIO/weightDevice/" + i;
      String name = device.major() + ":" + device.minor() + " ";
      if (device.weight() != null && device.weight() != 0) {
        String value = name + device.weight();
        write("blkio", "blkio.weight_device", value, pointer, NEXT_IF_MISSING);
        write("blkio", "blkio.bfq.weight_device", value, pointer);
      }
      if (device.leafWeight() != null && device.leafWeight() != 0) {
        write("blkio", "blkio.leaf_weight_device", name + device.leafWeight(), pointer);
      }
    }
    throttle(io.throttleReadBpsDevice(), "read_bps_device", "/blockIO/throttleReadBpsDevice/");
    throttle(io.throttleWriteBpsDevice(), "write_bps_device", "/blockIO/throttleWriteBpsDevice/");
    throttle(io.throttleReadIopsDevice(), "read_iops_device", "/blockIO/throttleReadIOPSDevice/");
    throttle(
        io.throttleWriteIopsDevice(), "write_iops_device", "/blockIO/throttleWriteIOPSDevice/");
  }

  private void throttle(List<ThrottleDevice> devices, String file, String pointer) {
    for (int i = 0; i < devices.size(); i++) {
      ThrottleDevice device = devices.get(i);
      String value =
          device.major() + ":" + device.minor() + " " + Long.toUnsignedString(device.rate());
      write("blkio", "blkio.throttle." + file, value, pointer + i);
    }
  }

  private void hugepages(List<HugepageLimit> limits) {
    for (int i = 0; i < limits.size(); i++) {
      String file = "hugetlb." + limits.get(i).pageSize();
      String value = Long.toUnsignedString(limits.get(i).limit());
      String pointer = "/hugepageLimits/" + i;
      write("hugetlb", file + ".limit_in_bytes", value, pointer);
      write("hugetlb", file + ".rsvd.limit_in_bytes", value, pointer, SKIP_IF_MISSING);
    }
  }

  private void network(NetworkResources network) {
    if (set(network.classId())) {
      write("net_cls", "net_cls.classid", "" + network.classId(), "/network/classID");
    }
    for (int i = 0; i < network.priorities().size(); i++) {
      InterfacePriority priority = network.priorities().get(i);
      String value = priority.name() + " " + priority.priority();
      write("net_prio", "net_prio.ifpriomap", value, "/network/priorities/" + i);
    }
  }
}
