package dev.jrunc.runtime.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.BlockIoResources;
import dev.jrunc.spec.CpuResources;
import dev.jrunc.spec.HugepageLimit;
import dev.jrunc.spec.InterfacePriority;
import dev.jrunc.spec.MemoryResources;
import dev.jrunc.spec.NetworkResources;
import dev.jrunc.spec.PidsResources;
import dev.jrunc.spec.RdmaLimit;
import dev.jrunc.spec.Resources;
import dev.jrunc.spec.ThrottleDevice;
import dev.jrunc.spec.WeightDevice;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class LimitsTest {
  private static final CpuResources CPU =
      new CpuResources(1024L, 50000L, 10000L, 100000L, null, null, "0-1", "0", 0L);
  private static final BlockIoResources IO =
      new BlockIoResources(
          500,
          null,
          List.of(new WeightDevice(8, 0, 300, null)),
          List.of(new ThrottleDevice(8, 0, 1048576)),
          List.of(),
          List.of(),
          List.of(new ThrottleDevice(8, 16, 0)));

  private static MemoryResources memory(@Nullable Long limit, @Nullable Long swap) {
    return new MemoryResources(limit, null, swap, null, null, null, null, null, null);
  }

  private static Resources resources(
      @Nullable MemoryResources memory,
      @Nullable CpuResources cpu,
      @Nullable PidsResources pids,
      @Nullable BlockIoResources io) {
    return new Resources(List.of(), memory, cpu, pids, io, List.of(), null, Map.of(), Map.of());
  }

  private static String text(CgroupLayout layout, Resources resources) {
    StringBuilder text = new StringBuilder();
    for (CgroupWrite write : CgroupLimits.of(layout, resources).writes()) {
      if (!write.controller().equals("devices")) {
        text.append(write.file()).append('=').append(write.value());
        text.append(write.reaction() == CgroupWrite.Reaction.FAIL ? "" : " " + write.reaction());
        text.append('\n');
      }
    }
    return text.toString();
  }

  @Nested
  class OnV1 {
    @Test
    void everyFieldBecomesAWriteInTheOrderTheKernelNeeds() {
      Resources all =
          new Resources(
              List.of(),
              new MemoryResources(
                  268435456L, 134217728L, 536870912L, 1L, 1L, 60L, true, true, null),
              new CpuResources(512L, 50000L, 1000L, 100000L, 950000L, 1000000L, "0-1", "0", 1L),
              new PidsResources(2048L),
              IO,
              List.of(new HugepageLimit("2MB", 4194304)),
              new NetworkResources(1048577L, List.of(new InterfacePriority("eth0", 5))),
              Map.of("mlx5_1", new RdmaLimit(3L, 10000L)),
              Map.of());
      assertEquals(
          """
          cpuset.cpus=0-1
          cpuset.mems=0
          memory.limit_in_bytes=268435456 AFTER_NEXT_IF_INVALID
          memory.memsw.limit_in_bytes=536870912
          memory.soft_limit_in_bytes=134217728
          memory.oom_control=1
          memory.swappiness=60
          cpu.rt_period_us=1000000 AFTER_NEXT_IF_INVALID
          cpu.rt_runtime_us=950000
          cpu.shares=512 READ_BACK
          cpu.cfs_period_us=100000 AFTER_NEXT_IF_INVALID
          cpu.cfs_quota_us=50000 AFTER_NEXT_IF_INVALID
          cpu.cfs_burst_us=1000
          cpu.idle=1
          pids.max=2048
          blkio.weight=500 NEXT_IF_MISSING
          blkio.bfq.weight=500
          blkio.weight_device=8:0 300 NEXT_IF_MISSING
          blkio.bfq.weight_device=8:0 300
          blkio.throttle.read_bps_device=8:0 1048576
          blkio.throttle.write_iops_device=8:16 0
          hugetlb.2MB.limit_in_bytes=4194304
          hugetlb.2MB.rsvd.limit_in_bytes=4194304 SKIP_IF_MISSING
          net_cls.classid=1048577
          net_prio.ifpriomap=eth0 5
          rdma.max=mlx5_1 hca_handle=3 hca_object=10000
          """,
          text(CgroupLayout.V1, all));
    }

    @Test
    void unlimitedSwapIsLiftedBeforeMemoryIsLimited() {
      assertEquals(
          "memory.memsw.limit_in_bytes=-1\nmemory.limit_in_bytes=1048576\n",
          text(CgroupLayout.V1, resources(memory(1048576L, -1L), null, null, null)));
    }

    @Test
    void unlimitedMemoryLiftsSwapWithIt() {
      assertEquals(
          "memory.memsw.limit_in_bytes=-1 SKIP_IF_MISSING\nmemory.limit_in_bytes=-1\n",
          text(CgroupLayout.V1, resources(memory(-1L, null), null, null, null)));
    }

    @Test
    void unifiedLimitsAreRefusedByName() {
      Resources resources =
          new Resources(
              List.of(), null, null, null, null, List.of(), null, Map.of(), Map.of("a.b", "1"));
      Failure failure =
          assertThrows(Failure.class, () -> CgroupLimits.of(CgroupLayout.V1, resources));
      assertEquals("invalid configuration: cannot use unified on cgroup v1", failure.getMessage());
      assertEquals("/linux/resources/unified", failure.pointer());
    }

    @Test
    void swappinessAbove100IsRefused() {
      MemoryResources memory =
          new MemoryResources(null, null, null, null, null, 101L, null, null, null);
      Failure failure =
          assertThrows(
              Failure.class,
              () -> CgroupLimits.of(CgroupLayout.V1, resources(memory, null, null, null)));
      assertEquals("memory swappiness 101 is not from 0 to 100", failure.getMessage());
    }

    @Test
    void withoutResourcesDevicesAreStillLimited() {
      List<CgroupWrite> writes = CgroupLimits.of(CgroupLayout.V1, null).writes();
      assertEquals(12, writes.size());
      assertEquals(
          new CgroupWrite("devices", "devices.deny", "a", "/linux/resources/devices"),
          writes.getFirst());
      assertTrue(
          writes.contains(
              new CgroupWrite(
                  "devices", "devices.allow", "c 136:* rwm", "/linux/resources/devices")));
    }
  }

  @Nested
  class OnV2 {
    @Test
    void everyFieldBecomesAWriteInTheOrderTheKernelNeeds() {
      Resources all =
          new Resources(
              List.of(),
              new MemoryResources(
                  268435456L, 134217728L, 536870912L, 1L, 1L, null, false, true, null),
              CPU,
              new PidsResources(0L),
              IO,
              List.of(new HugepageLimit("2MB", 4194304)),
              null,
              Map.of("mlx5_1", new RdmaLimit(null, 10000L)),
              Map.of("memory.high", "1000"));
      assertEquals(
          """
          pids.max=1
          memory.swap.max=268435456
          memory.max=268435456
          memory.low=134217728
          io.bfq.weight=500 NEXT_IF_MISSING
          io.weight=4950
          io.bfq.weight=8:0 300
          io.max=8:0 rbps=1048576
          io.max=8:16 wiops=max
          cpu.idle=0
          cpu.weight=100
          cpu.max=50000 100000
          cpu.max.burst=10000
          cpuset.cpus=0-1
          cpuset.mems=0
          hugetlb.2MB.max=4194304
          hugetlb.2MB.rsvd.max=4194304 SKIP_IF_MISSING
          rdma.max=mlx5_1 hca_object=10000
          memory.high=1000
          """,
          text(CgroupLayout.V2, all));
    }

    @Test
    void sharesFollowRuncsCurve() {
      assertEquals(1, LimitsV2.weightOfShares(2));
      assertEquals(59, LimitsV2.weightOfShares(512));
      assertEquals(100, LimitsV2.weightOfShares(1024));
      assertEquals(174, LimitsV2.weightOfShares(2048));
      assertEquals(10000, LimitsV2.weightOfShares(300000));
    }

    @Test
    void equalMemoryAndSwapMeansNoSwap() {
      assertEquals(
          "memory.swap.max=0 SKIP_IF_MISSING\nmemory.max=4096\n",
          text(CgroupLayout.V2, resources(memory(4096L, 4096L), null, null, null)));
    }

    @Test
    void swapBelowMemoryIsRefused() {
      Failure failure =
          assertThrows(
              Failure.class,
              () ->
                  CgroupLimits.of(
                      CgroupLayout.V2, resources(memory(4096L, 100L), null, null, null)));
      assertEquals("memory+swap limit 100 should be >= memory limit 4096", failure.getMessage());
      assertEquals("/linux/resources/memory/swap", failure.pointer());
    }

    @Test
    void whatV2CannotDoIsRefusedByName() {
      MemoryResources memory =
          new MemoryResources(null, null, null, null, null, 10L, null, null, null);
      Failure failure =
          assertThrows(
              Failure.class,
              () -> CgroupLimits.of(CgroupLayout.V2, resources(memory, null, null, null)));
      assertEquals("memory swappiness cannot be set on cgroup v2", failure.getMessage());
      assertEquals("/linux/resources/memory/swappiness", failure.pointer());
    }

    @Test
    void noPidsLimitIsMax() {
      assertEquals(
          "pids.max=max\n",
          text(CgroupLayout.V2, resources(null, null, new PidsResources(-1L), null)));
    }
  }
}
