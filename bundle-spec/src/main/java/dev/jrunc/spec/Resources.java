package dev.jrunc.spec;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Limits that cgroups enforce. */
public record Resources(
    List<DeviceCgroupRule> devices,
    @Nullable MemoryResources memory,
    @Nullable CpuResources cpu,
    @Nullable PidsResources pids,
    @Nullable BlockIoResources blockIo,
    List<HugepageLimit> hugepageLimits,
    @Nullable NetworkResources network,
    Map<String, RdmaLimit> rdma,
    Map<String, String> unified) {
  public Resources {
    devices = List.copyOf(devices);
    hugepageLimits = List.copyOf(hugepageLimits);
    rdma = Collections.unmodifiableMap(new LinkedHashMap<>(rdma));
    unified = Collections.unmodifiableMap(new LinkedHashMap<>(unified));
  }
}
