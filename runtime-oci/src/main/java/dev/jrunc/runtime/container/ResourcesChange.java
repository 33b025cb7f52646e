package dev.jrunc.runtime.container;

import dev.jrunc.spec.BlockIoResources;
import dev.jrunc.spec.CpuResources;
import dev.jrunc.spec.HugepageLimit;
import dev.jrunc.spec.MemoryResources;
import dev.jrunc.spec.PidsResources;
import dev.jrunc.spec.Resources;
import dev.jrunc.spec.ThrottleDevice;
import dev.jrunc.spec.WeightDevice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code update} does to the resources of a container. A value that is absent or 0 leaves the
 * old one, as in runc, whose limits know no other word for "not set".
 *
 * @param kept all resources afterwards, for the next update
 * @param written what the kernel is to be told: what changes, and the other half of what only has a
 *     meaning together (memory and swap, quota and period)
 */
record ResourcesChange(Resources kept, Resources written) {

  static ResourcesChange of(@Nullable Resources old, Resources change) {
    Resources before =
        old == null
            ? new Resources(List.of(), null, null, null, null, List.of(), null, Map.of(), Map.of())
            : old;
    MemoryResources memory = memory(before.memory(), change.memory());
    CpuResources cpu = cpu(before.cpu(), change.cpu());
    PidsResources pids = change.pids() == null ? before.pids() : change.pids();
    Resources kept =
        new Resources(
            before.devices(),
            memory,
            cpu,
            pids,
            blockIo(before.blockIo(), change.blockIo()),
            hugepages(before.hugepageLimits(), change.hugepageLimits()),
            change.network() == null ? before.network() : change.network(),
            joined(before.rdma(), change.rdma()),
            joined(before.unified(), change.unified()));
    Resources written =
        new Resources(
            List.of(),
            writtenMemory(memory, change.memory()),
            writtenCpu(cpu, change.cpu()),
            change.pids(),
            change.blockIo(),
            change.hugepageLimits(),
            change.network(),
            change.rdma(),
            change.unified());
    return new ResourcesChange(kept, written);
  }

  private static @Nullable MemoryResources memory(
      @Nullable MemoryResources old, @Nullable MemoryResources change) {
    if (old == null || change == null) {
      return change == null ? old : change;
    }
    // Memory without a limit is swap without one, unless that is said: v1 refuses swap < memory.
    boolean lifted = change.limit() != null && change.limit() == -1 && change.swap() == null;
    return new MemoryResources(
        later(old.limit(), change.limit()),
        later(old.reservation(), change.reservation()),
        lifted ? null : later(old.swap(), change.swap()),
        later(old.kernel(), change.kernel()),
        later(old.kernelTcp(), change.kernelTcp()),
        change.swappiness() == null ? old.swappiness() : change.swappiness(),
        change.disableOomKiller() == null ? old.disableOomKiller() : change.disableOomKiller(),
        change.useHierarchy() == null ? old.useHierarchy() : change.useHierarchy(),
        change.checkBeforeUpdate() == null ? old.checkBeforeUpdate() : change.checkBeforeUpdate());
  }

  private static @Nullable MemoryResources writtenMemory(
      @Nullable MemoryResources merged, @Nullable MemoryResources change) {
    if (merged == null || change == null) {
      return null;
    }
    boolean either = set(change.limit()) || set(change.swap());
    return new MemoryResources(
        either ? merged.limit() : null,
        change.reservation(),
        either ? merged.swap() : null,
        null,
        null,
        change.swappiness(),
        change.disableOomKiller(),
        null,
        change.checkBeforeUpdate());
  }

  private static @Nullable CpuResources cpu(
      @Nullable CpuResources old, @Nullable CpuResources change) {
    if (old == null || change == null) {
      return change == null ? old : change;
    }
    return new CpuResources(
        later(old.shares(), change.shares()),
        later(old.quota(), change.quota()),
        change.burst() == null ? old.burst() : change.burst(),
        later(old.period(), change.period()),
        later(old.realtimeRuntime(), change.realtimeRuntime()),
        later(old.realtimePeriod(), change.realtimePeriod()),
        later(old.cpus(), change.cpus()),
        later(old.mems(), change.mems()),
        change.idle() == null ? old.idle() : change.idle());
  }

  private static @Nullable CpuResources writtenCpu(
      @Nullable CpuResources merged, @Nullable CpuResources change) {
    if (merged == null || change == null) {
      return null;
    }
    boolean either = set(change.quota()) || set(change.period());
    return new CpuResources(
        change.shares(),
        either ? merged.quota() : null,
        change.burst(),
        either ? merged.period() : null,
        change.realtimeRuntime(),
        change.realtimePeriod(),
        change.cpus(),
        change.mems(),
        change.idle());
  }

  private static @Nullable BlockIoResources blockIo(
      @Nullable BlockIoResources old, @Nullable BlockIoResources change) {
    if (old == null || change == null) {
      return change == null ? old : change;
    }
    return new BlockIoResources(
        change.weight() == null ? old.weight() : change.weight(),
        change.leafWeight() == null ? old.leafWeight() : change.leafWeight(),
        weights(old.weightDevice(), change.weightDevice()),
        throttles(old.throttleReadBpsDevice(), change.throttleReadBpsDevice()),
        throttles(old.throttleWriteBpsDevice(), change.throttleWriteBpsDevice()),
        throttles(old.throttleReadIopsDevice(), change.throttleReadIopsDevice()),
        throttles(old.throttleWriteIopsDevice(), change.throttleWriteIopsDevice()));
  }

  private static List<WeightDevice> weights(List<WeightDevice> old, List<WeightDevice> change) {
    List<WeightDevice> all = new ArrayList<>(old);
    for (WeightDevice device : change) {
      all.removeIf(d -> d.major() == device.major() && d.minor() == device.minor());
      all.add(device);
    }
    return all;
  }

  private static List<ThrottleDevice> throttles(
      List<ThrottleDevice> old, List<ThrottleDevice> change) {
    List<ThrottleDevice> all = new ArrayList<>(old);
    for (ThrottleDevice device : change) {
      all.removeIf(d -> d.major() == device.major() && d.minor() == device.minor());
      all.add(device);
    }
    return all;
  }

  private static List<HugepageLimit> hugepages(
      List<HugepageLimit> old, List<HugepageLimit> change) {
    List<HugepageLimit> all = new ArrayList<>(old);
    for (HugepageLimit limit : change) {
      all.removeIf(l -> l.pageSize().equals(limit.pageSize()));
      all.add(limit);
    }
    return all;
  }

  private static <T> Map<String, T> joined(Map<String, T> old, Map<String, T> change) {
    Map<String, T> all = new LinkedHashMap<>(old);
    all.putAll(change);
    return all;
  }

  private static boolean set(@Nullable Long value) {
    return value != null && value != 0;
  }

  private static @Nullable Long later(@Nullable Long old, @Nullable Long change) {
    return set(change) ? change : old;
  }

  private static @Nullable String later(@Nullable String old, @Nullable String change) {
    return change == null || change.isEmpty() ? old : change;
  }
}
