package dev.jrunc.runtime.inspection;

import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.cgroup.CgroupHost;
import dev.jrunc.runtime.cgroup.CgroupLayout;
import dev.jrunc.runtime.cgroup.CgroupLimits;
import dev.jrunc.runtime.cgroup.CgroupPaths;
import dev.jrunc.runtime.cgroup.CgroupWrite;
import dev.jrunc.runtime.cgroup.Hierarchy;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.plan.PlanOptions;
import dev.jrunc.runtime.systemd.Systemd;
import dev.jrunc.runtime.systemd.SystemdDriver;
import dev.jrunc.spec.Linux;
import dev.jrunc.spec.Separated;
import dev.jrunc.spec.Spec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whether this host has the controllers for the limits that are asked for. */
final class CgroupCheck {
  private final dev.jrunc.kernel.Linux kernel;
  private final PlanOptions.Driver driver;
  private final Collector found;

  CgroupCheck(dev.jrunc.kernel.Linux kernel, PlanOptions.Driver driver, Collector found) {
    this.kernel = kernel;
    this.driver = driver;
    this.found = found;
  }

  void check(Spec spec) {
    Linux linux = spec.linux() == null ? Linux.EMPTY : spec.linux();
    CgroupHost host;
    try {
      host = CgroupHost.detect(kernel);
      if (host.hierarchies().isEmpty()) {
        found.host("/linux/cgroupsPath", "no cgroup hierarchy is mounted", "");
        return;
      }
    } catch (SyscallFailed | Failure e) {
      found.host("/linux/cgroupsPath", "the cgroups of this host cannot be read: " + e, "");
      return;
    }
    try {
      // With any id: only the path of the config can be wrong.
      if (driver == PlanOptions.Driver.SYSTEMD) {
        bySystemd(linux.cgroupsPath(), spec.annotations());
      } else {
        CgroupPaths.of(host, linux.cgroupsPath(), "container");
        noteSystemdsForm(linux.cgroupsPath());
      }
      limits(host, CgroupLimits.of(host.layout(), linux.resources()));
    } catch (Failure e) {
      found.refusal(e);
    }
  }

  private void bySystemd(@Nullable String cgroupsPath, Map<String, String> annotations) {
    try {
      SystemdDriver.check(cgroupsPath, annotations);
      new Systemd(kernel, List.of()).require();
    } catch (Failure e) {
      found.refusal(e);
    }
  }

  private void noteSystemdsForm(@Nullable String cgroupsPath) {
    if (cgroupsPath != null && Separated.by(':', cgroupsPath).size() == 3) {
      found.note(
          "/linux/cgroupsPath",
          "\"" + cgroupsPath + "\" is a path here, and a unit only with --systemd-cgroup",
          "");
    }
  }

  private void limits(CgroupHost host, CgroupLimits limits) {
    String controllers = host.layout() == CgroupLayout.V2 ? unified(host) : "";
    List<String> told = new ArrayList<>();
    for (CgroupWrite write : limits.writes()) {
      String controller = write.controller();
      if (has(host, controllers, controller) || told.contains(write.pointer())) {
        continue;
      }
      told.add(write.pointer());
      found.host(
          write.pointer(),
          "this host has no cgroup controller \"" + controller + "\" for \"" + write.file() + "\"",
          "mount the controller, or leave the field out");
    }
  }

  private static boolean has(CgroupHost host, String unified, String controller) {
    if (host.layout() == CgroupLayout.V1) {
      return host.hierarchy(controller) != null;
    }
    // The core's own files, such as cgroup.max.depth, belong to no controller.
    return controller.equals("cgroup") || HostFiles.hasWord(unified, controller);
  }

  private String unified(CgroupHost host) {
    Hierarchy hierarchy = host.hierarchies().get(0);
    String text = new HostFiles(kernel).text(hierarchy.mountPoint() + "/cgroup.controllers");
    return text == null ? "" : text;
  }
}
