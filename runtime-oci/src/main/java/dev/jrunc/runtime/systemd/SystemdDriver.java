package dev.jrunc.runtime.systemd;

import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.cgroup.Cgroup;
import dev.jrunc.runtime.cgroup.CgroupHost;
import dev.jrunc.runtime.cgroup.CgroupLayout;
import dev.jrunc.runtime.cgroup.CgroupLimits;
import dev.jrunc.runtime.cgroup.CgroupPaths;
import dev.jrunc.runtime.cgroup.CgroupfsDriver;
import dev.jrunc.runtime.cgroup.DeviceRules;
import dev.jrunc.runtime.dbus.Value;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.CpuResources;
import dev.jrunc.spec.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Has systemd make, limit and remove the groups of a container. */
public final class SystemdDriver {
  private final Linux linux;
  private final CgroupHost host;
  private final Systemd systemd;

  public SystemdDriver(Linux linux, CgroupHost host, Systemd systemd) {
    this.linux = linux;
    this.host = host;
    this.systemd = systemd;
  }

  /**
   * A scope that is to be.
   *
   * @param id of the container, for people who read systemctl's lists
   * @param devices what the container may use
   * @param annotations of the config, for properties
   */
  public record Scope(
      String id,
      UnitPlace place,
      CgroupPaths paths,
      CgroupLimits limits,
      DeviceRules devices,
      Map<String, String> annotations) {

    public String unit() {
      return place.unit();
    }
  }

  /** Reads what the config says about a container's scope; nothing is made yet. */
  public Scope plan(
      @Nullable String cgroupsPath,
      String id,
      @Nullable Resources resources,
      Map<String, String> annotations) {
    check(cgroupsPath, annotations);
    systemd.require();
    UnitPlace place = UnitPlace.of(cgroupsPath, id);
    CgroupPaths paths = paths(place);
    Resources rounded = resources == null ? null : rounded(resources);
    CgroupLimits limits = CgroupLimits.of(paths.layout(), rounded);
    List<dev.jrunc.spec.DeviceCgroupRule> rules =
        resources == null ? List.of() : resources.devices();
    DeviceRules devices = DeviceRules.of(rules).withDefaults();
    return new Scope(id, place, paths, limits, devices, annotations);
  }

  /** Refuses a path or annotations that no unit can be made of. */
  public static void check(@Nullable String cgroupsPath, Map<String, String> annotations) {
    UnitPlace.of(cgroupsPath, "container");
    AnnotationProperties.of(annotations);
  }

  private CgroupPaths paths(UnitPlace place) {
    String above = "";
    if (systemd.ofSession()) {
      if (host.layout() == CgroupLayout.V1) {
        throw Failure.of(
                Failure.Code.UNSUPPORTED,
                "cannot use rootless systemd cgroups manager on cgroup v1")
            .phase("cgroup")
            .pointer("/linux/cgroupsPath")
            .hint("version 1 cannot be handed down to a user; leave --systemd-cgroup out")
            .build();
      }
      try (UnitManager manager = systemd.connect()) {
        // Such as /user.slice/user-1000.slice/user@1000.service.
        above = manager.property("ControlGroup");
      }
    }
    return CgroupPaths.at(host, above + place.group(defaultSlice()));
  }

  private String defaultSlice() {
    return systemd.ofSession() ? "user.slice" : "system.slice";
  }

  /**
   * Makes the scope around a process that waits, and sets all limits; afterwards it may go on. If
   * this fails the scope is gone again, unless the process keeps it.
   */
  public Cgroup start(Scope scope, int pid) {
    try (UnitManager manager = systemd.connect()) {
      manager.startTransient(scope.unit(), properties(scope, manager, pid), "/linux/cgroupsPath");
      try {
        Cgroup cgroup = new CgroupfsDriver(linux, host).complete(scope.paths());
        cgroup.apply(scope.limits());
        if (scope.paths().layout() == CgroupLayout.V1) {
          // systemd has moved it in the hierarchies it uses itself; it must be in all of them.
          cgroup.add(pid);
        }
        return cgroup;
      } catch (RuntimeException e) {
        manager.stop(scope.unit());
        throw e;
      }
    }
  }

  private List<Property> properties(Scope scope, UnitManager manager, int pid) {
    CgroupLayout layout = scope.paths().layout();
    List<Property> all = new ArrayList<>();
    all.add(Property.of("Description", "jrunc container " + scope.id()));
    all.add(Property.of("Slice", scope.place().sliceOr(defaultSlice())));
    // Groups below the scope, and the files of the scope itself, are the container's and ours.
    all.add(Property.of("Delegate", true));
    all.add(new Property("PIDs", new Value.Array("u", List.of(Value.uint32(pid)))));
    all.add(Property.of("MemoryAccounting", true));
    all.add(Property.of("CPUAccounting", true));
    all.add(Property.of(layout == CgroupLayout.V2 ? "IOAccounting" : "BlockIOAccounting", true));
    all.add(Property.of("TasksAccounting", true));
    // With them the container would be stopped early at shutdown, and not by who made it.
    all.add(Property.of("DefaultDependencies", false));
    all.addAll(AnnotationProperties.of(scope.annotations()));
    all.addAll(DeviceProperties.of(layout, scope.devices()));
    int version = ResourceProperties.needVersion(scope.limits()) ? manager.version() : 0;
    all.addAll(ResourceProperties.oomPolicy(scope.limits(), version));
    all.addAll(ResourceProperties.of(layout, scope.limits(), version));
    return all;
  }

  /** Tells systemd of changed limits, before they are written to the files. */
  public static void update(
      Systemd systemd, String unit, CgroupLayout layout, CgroupLimits limits) {
    try (UnitManager manager = systemd.connect()) {
      int version = ResourceProperties.needVersion(limits) ? manager.version() : 0;
      manager.set(unit, ResourceProperties.of(layout, limits, version));
    }
  }

  /** Stops a scope; one that has gone with its processes is no failure. */
  public static void stop(Systemd systemd, String unit) {
    try (UnitManager manager = systemd.connect()) {
      manager.stop(unit);
    }
  }

  /** Has systemd move a process into a scope, where this process may not do so itself. */
  public static void attach(Systemd systemd, String unit, int pid) {
    try (UnitManager manager = systemd.connect()) {
      manager.attach(unit, "", pid);
    }
  }

  /** Resources whose quota is one that systemd can say. */
  public static Resources rounded(Resources resources) {
    CpuResources cpu = resources.cpu();
    if (cpu == null || cpu.quota() == null) {
      return resources;
    }
    long period = cpu.period() == null ? 0 : cpu.period();
    CpuResources rounded =
        new CpuResources(
            cpu.shares(),
            ResourceProperties.rounded(cpu.quota(), period),
            cpu.burst(),
            cpu.period(),
            cpu.realtimeRuntime(),
            cpu.realtimePeriod(),
            cpu.cpus(),
            cpu.mems(),
            cpu.idle());
    return new Resources(
        resources.devices(),
        resources.memory(),
        rounded,
        resources.pids(),
        resources.blockIo(),
        resources.hugepageLimits(),
        resources.network(),
        resources.rdma(),
        resources.unified());
  }
}
