package dev.jrunc.spec;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The part of config.json that is only about Linux. */
public record Linux(
    List<IdMapping> uidMappings,
    List<IdMapping> gidMappings,
    Map<String, String> sysctl,
    @Nullable Resources resources,
    @Nullable String cgroupsPath,
    List<Namespace> namespaces,
    List<Device> devices,
    Map<String, NetDevice> netDevices,
    @Nullable Seccomp seccomp,
    @Nullable String rootfsPropagation,
    List<String> maskedPaths,
    List<String> readonlyPaths,
    @Nullable String mountLabel,
    @Nullable IntelRdt intelRdt,
    @Nullable Personality personality,
    Map<String, TimeOffset> timeOffsets,
    @Nullable MemoryPolicy memoryPolicy) {
  public Linux {
    uidMappings = List.copyOf(uidMappings);
    gidMappings = List.copyOf(gidMappings);
    sysctl = Collections.unmodifiableMap(new LinkedHashMap<>(sysctl));
    namespaces = List.copyOf(namespaces);
    devices = List.copyOf(devices);
    netDevices = Collections.unmodifiableMap(new LinkedHashMap<>(netDevices));
    maskedPaths = List.copyOf(maskedPaths);
    readonlyPaths = List.copyOf(readonlyPaths);
    timeOffsets = Collections.unmodifiableMap(new LinkedHashMap<>(timeOffsets));
  }

  /** The processors that {@code resources} limit the container to; empty for all. */
  public String cpus() {
    CpuResources cpu = resources == null ? null : resources.cpu();
    return cpu == null || cpu.cpus() == null ? "" : cpu.cpus();
  }

  /** The same with other limits. */
  public Linux withResources(@Nullable Resources limits) {
    return with(limits, namespaces, intelRdt);
  }

  /** The same in other namespaces. */
  public Linux withNamespaces(List<Namespace> others) {
    return with(resources, others, intelRdt);
  }

  /** The same with another share of cache and bandwidth. */
  public Linux withIntelRdt(@Nullable IntelRdt share) {
    return with(resources, namespaces, share);
  }

  private Linux with(@Nullable Resources limits, List<Namespace> others, @Nullable IntelRdt share) {
    return new Linux(
        uidMappings,
        gidMappings,
        sysctl,
        limits,
        cgroupsPath,
        others,
        devices,
        netDevices,
        seccomp,
        rootfsPropagation,
        maskedPaths,
        readonlyPaths,
        mountLabel,
        share,
        personality,
        timeOffsets,
        memoryPolicy);
  }

  /** As if config.json had no linux section. */
  public static final Linux EMPTY =
      new Linux(
          List.of(), List.of(), Map.of(), null, null, List.of(), List.of(), Map.of(), null, null,
          List.of(), List.of(), null, null, null, Map.of(), null);
}
