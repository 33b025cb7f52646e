package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.capability.HostRoot;
import dev.jrunc.runtime.cgroup.Cgroup;
import dev.jrunc.runtime.cgroup.CgroupEntry;
import dev.jrunc.runtime.cgroup.CgroupHost;
import dev.jrunc.runtime.cgroup.CgroupLimits;
import dev.jrunc.runtime.cgroup.CgroupPaths;
import dev.jrunc.runtime.cgroup.CgroupfsDriver;
import dev.jrunc.runtime.cgroup.Delegation;
import dev.jrunc.runtime.plan.Plan;
import dev.jrunc.runtime.plan.PlanOptions;
import dev.jrunc.runtime.process.Spawner;
import dev.jrunc.runtime.systemd.Systemd;
import dev.jrunc.runtime.systemd.SystemdDriver;
import dev.jrunc.runtime.trace.Phase;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a container comes to its cgroups. Groups that jrunc makes are there and limited before its
 * process is, which enters them itself. systemd makes none without a process in it: there the
 * process is made first, and waits until it is in.
 */
abstract sealed class Groups {
  final CgroupPaths paths;
  private final @Nullable Long owner;

  private Groups(CgroupPaths paths, @Nullable Long owner) {
    this.paths = paths;
    this.owner = owner;
  }

  static Groups plan(
      Linux linux,
      CgroupHost host,
      CreateRequest request,
      Plan plan,
      Map<String, String> annotations) {
    String id = request.id().text();
    if (request.plan().driver() == PlanOptions.Driver.SYSTEMD) {
      SystemdDriver driver = new SystemdDriver(linux, host, request.systemd());
      return new OfSystemd(
          linux,
          driver,
          request.systemd(),
          plan.cgroupOwner(),
          driver.plan(plan.cgroupsPath(), id, plan.resources(), annotations));
    }
    CgroupfsDriver driver = new CgroupfsDriver(linux, host);
    CgroupPaths paths = driver.locate(plan.cgroupsPath(), id);
    String named = plan.cgroupsPath();
    if ((named == null || named.isEmpty()) && !HostRoot.is(linux)) {
      Delegation delegation = Delegation.of(linux, paths);
      // A user owns what was given to it already, and can give nothing away.
      return new Made(driver, delegation.granted(), delegation.limits(plan.resources()), null);
    }
    return new Made(
        driver, paths, CgroupLimits.of(paths.layout(), plan.resources()), plan.cgroupOwner());
  }

  CgroupPaths paths() {
    return paths;
  }

  /** What is done before the process is made: with the way in for it. */
  abstract CgroupEntry prepare(Unwinding unwinding);

  /** What the process waits for once it is made; null for nothing. */
  abstract Spawner.@Nullable Admission admission(Unwinding unwinding);

  final void handDown(Cgroup cgroup) {
    if (owner != null) {
      Phase.begin("hand cgroups down", "/process/user/uid");
      cgroup.delegate(owner);
    }
  }

  /** The unit they belong to; empty for none. */
  abstract String unit();

  /** By mkdir(2). */
  private static final class Made extends Groups {
    private final CgroupfsDriver driver;
    private final CgroupLimits limits;

    Made(CgroupfsDriver driver, CgroupPaths paths, CgroupLimits limits, @Nullable Long owner) {
      super(paths, owner);
      this.driver = driver;
      this.limits = limits;
    }

    @Override
    CgroupEntry prepare(Unwinding unwinding) {
      Cgroup cgroup = driver.create(paths);
      unwinding.add(cgroup::unmake);
      Phase.begin("limit cgroups", "/linux/resources");
      cgroup.apply(limits);
      handDown(cgroup);
      return cgroup.openEntry();
    }

    @Override
    Spawner.@Nullable Admission admission(Unwinding unwinding) {
      return null;
    }

    @Override
    String unit() {
      return "";
    }
  }

  /** By systemd. */
  private static final class OfSystemd extends Groups {
    private final Linux linux;
    private final SystemdDriver driver;
    private final Systemd systemd;
    private final SystemdDriver.Scope scope;

    OfSystemd(
        Linux linux,
        SystemdDriver driver,
        Systemd systemd,
        @Nullable Long owner,
        SystemdDriver.Scope scope) {
      super(scope.paths(), owner);
      this.linux = linux;
      this.driver = driver;
      this.systemd = systemd;
      this.scope = scope;
    }

    @Override
    CgroupEntry prepare(Unwinding unwinding) {
      return CgroupEntry.none(linux);
    }

    @Override
    Spawner.Admission admission(Unwinding unwinding) {
      return pid -> {
        Phase.begin("make scope", "/linux/cgroupsPath");
        Cgroup cgroup = driver.start(scope, pid);
        unwinding.add(() -> unmake(cgroup));
        handDown(cgroup);
      };
    }

    private void unmake(Cgroup cgroup) {
      try {
        SystemdDriver.stop(systemd, scope.unit());
      } finally {
        // Those that systemd knows nothing of.
        cgroup.unmake();
      }
    }

    @Override
    String unit() {
      return scope.unit();
    }
  }
}
