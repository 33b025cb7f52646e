package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.jrunc.conformance.harness.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * systemd on a machine that was booted with version 1 of cgroups ({@code
 * systemd.unified_cgroup_hierarchy=0}): the scope's groups are one in each hierarchy.
 */
final class SystemdLegacyCases {
  private static final String SOURCE = "runc --systemd-cgroup";
  private static final Path TOP = Path.of("/sys/fs/cgroup");
  private static final int M = 1 << 20;

  private SystemdLegacyCases() {}

  /** Whether this machine has version 1. */
  static boolean isHere() {
    return Files.isDirectory(TOP.resolve("memory"));
  }

  static List<Case> all() {
    List<Case> all = new ArrayList<>();
    add(all, "the scope has a group in each hierarchy", SystemdLegacyCases::groups);
    add(all, "systemd and the files have the same limits", SystemdLegacyCases::limits);
    add(all, "update tells systemd", SystemdLegacyCases::update);
    add(all, "devices are refused", SystemdLegacyCases::devices);
    add(all, "pause and resume", SystemdLegacyCases::pause);
    add(all, "exec and kill --all reach the groups", SystemdLegacyCases::life);
    add(all, "nothing is left after run and delete", SystemdLegacyCases::gone);
    add(all, "a limit that is refused leaves no unit", SystemdLegacyCases::refused);
    add(all, "daemon-reload keeps limits and devices", SystemdLegacyCases::reload);
    // While systemd reads its units again, it answers nobody.
    all.add(all.removeLast().alone());
    return all;
  }

  private interface Body {
    void run(UnifiedGroup group) throws Exception;
  }

  private static void add(List<Case> cases, String name, Body body) {
    cases.add(
        Case.of(
            "systemd with version 1: " + name,
            SOURCE,
            place -> body.run(UnifiedGroup.of(place, UnifiedGroup.Driver.SYSTEMD))));
  }

  private static Path group(UnifiedGroup group, String hierarchy) {
    return TOP.resolve(hierarchy).resolve(TOP.relativize(group.directory()));
  }

  private static String read(UnifiedGroup group, String hierarchy, String file) throws IOException {
    return Files.readString(group(group, hierarchy).resolve(file)).strip();
  }

  private static void groups(UnifiedGroup group) throws IOException {
    keepsDevices(group);
    group.start();
    String pid = NamespaceCases.pid(group.place(), group.id());
    for (String line : Files.readAllLines(Path.of("/proc", pid, "cgroup"))) {
      // Version 2 stands beside it without controllers, and cannot be asked for those of a scope.
      if (!line.startsWith("0::")) {
        that(line.endsWith("/" + group.unit()), line + " is not the scope's group");
      }
    }
    equal("conformance-nested.slice", group.property("Slice"), "the slice");
    equal("yes", group.property("Delegate"), "the delegation");
  }

  private static void keepsDevices(UnifiedGroup group) {
    assume(
        !group.place().isRunc(), "runc 1.1.5 leaves the program in the slice's group of devices");
  }

  private static UnifiedGroup limited(UnifiedGroup group) {
    return group
        .resources(r -> {
          r.putObject("memory").put("limit", 32 * M);
          r.putObject("pids").put("limit", 20);
          r.putObject("cpu")
              .put("shares", 512)
              .put("quota", 20000)
              .put("period", 50000)
              .put("cpus", "0-1")
              .put("mems", "0");
        })
        .start();
  }

  private static void limits(UnifiedGroup group) throws IOException {
    limited(group);
    equal("" + 32 * M, group.property("MemoryLimit"), "MemoryLimit");
    equal("512", group.property("CPUShares"), "CPUShares");
    equal("400ms", group.property("CPUQuotaPerSecUSec"), "CPUQuotaPerSecUSec");
    equal("20", group.property("TasksMax"), "TasksMax");
    equal("" + 32 * M, read(group, "memory", "memory.limit_in_bytes"), "the limit of memory");
    equal("512", read(group, "cpu", "cpu.shares"), "the shares");
    equal("20000", read(group, "cpu", "cpu.cfs_quota_us"), "the quota");
    equal("50000", read(group, "cpu", "cpu.cfs_period_us"), "the period");
    equal("20", read(group, "pids", "pids.max"), "the processes");
    equal("0-1", read(group, "cpuset", "cpuset.cpus"), "the processors");
  }

  private static void update(UnifiedGroup group) throws IOException {
    limited(group);
    group.update("--memory", "48M", "--cpu-share", "256", "--pids-limit", "-1").ok();
    group.update("--cpu-quota", "-1").ok();
    equal("" + 48 * M, group.property("MemoryLimit"), "MemoryLimit");
    equal("256", group.property("CPUShares"), "CPUShares");
    equal("infinity", group.property("TasksMax"), "TasksMax");
    equal("infinity", group.property("CPUQuotaPerSecUSec"), "CPUQuotaPerSecUSec");
    equal("" + 48 * M, read(group, "memory", "memory.limit_in_bytes"), "the limit of memory");
    equal("256", read(group, "cpu", "cpu.shares"), "the shares");
    equal("max", read(group, "pids", "pids.max"), "the processes");
    equal("-1", read(group, "cpu", "cpu.cfs_quota_us"), "the quota");
  }

  private static void devices(UnifiedGroup group) throws IOException {
    group
        .place()
        .config(config -> {
          ArrayNode rules = config.withObject("/linux/resources").putArray("devices");
          rules.addObject().put("allow", false).put("access", "rwm");
          for (String set : List.of("bounding", "effective", "permitted")) {
            config.withObject("/process/capabilities").withArray(set).add("CAP_MKNOD");
          }
        });
    String id = group.id();
    group.start();
    String list = read(group, "devices", "devices.list");
    contains(list, "c 1:3 rwm");
    that(!list.contains("a *:* rwm"), "every device is allowed: " + list);
    equal("strict", group.property("DevicePolicy"), "DevicePolicy");
    Command.Outcome outcome =
        group.place().runtime("exec", id, "mknod", "/memory", "c", "1", "1").run();
    that(outcome.code() != 0, "a device was made that is refused");
  }

  private static void pause(UnifiedGroup group) throws IOException {
    group.start();
    group.place().runtime("pause", group.id()).run().ok();
    equal("FROZEN", read(group, "freezer", "freezer.state"), "the state of the freezer");
    equal("paused", LifecycleCases.status(group.place(), group.id()), "the status");
    group.place().runtime("resume", group.id()).run().ok();
    equal("THAWED", read(group, "freezer", "freezer.state"), "the state of the freezer");
  }

  private static void life(UnifiedGroup group) throws IOException {
    keepsDevices(group);
    group.place().config(UnifiedGroup::shown);
    group.start();
    String own =
        group.place().runtime("exec", group.id(), "cat", "/proc/self/cgroup").run().ok().out();
    for (String hierarchy : List.of("memory", "pids", "devices", "freezer")) {
      that(
          own.lines().anyMatch(l -> l.contains(hierarchy) && l.endsWith("/" + group.unit())),
          "exec is not in the group of " + hierarchy + ": " + own);
    }
    LifecycleCases.detached(group.place(), "exec", "--detach", group.id(), "sleep", "1000");
    equal(2L, read(group, "pids", "cgroup.procs").lines().count(), "the processes");
    group.place().runtime("kill", "--all", group.id(), "KILL").run().ok();
    LifecycleCases.await(
        () -> LifecycleCases.status(group.place(), group.id()).equals("stopped"),
        "the container does not end");
  }

  private static void gone(UnifiedGroup group) {
    group.place().args("true");
    group.run().ok();
    absent(group);
    group.place().args("sleep", "100");
    group.start();
    group.place().runtime("delete", "--force", group.id()).run().ok();
    absent(group);
  }

  private static void refused(UnifiedGroup group) {
    assume(!group.place().isRunc(), "runc 1.1.5 does not look at unified with version 1");
    group.place().args("true");
    group.resources(r -> r.putObject("unified").put("memory.max", "1"));
    group.run().code(1).says("unified");
    absent(group);
  }

  private static void absent(UnifiedGroup group) {
    for (String hierarchy : List.of("memory", "pids", "devices", "freezer", "systemd", "cpuset")) {
      that(!Files.exists(group(group, hierarchy)), group(group, hierarchy) + " is there");
    }
    String state = UnifiedGroup.systemctl("show", "-P", "LoadState", group.unit()).ok().out();
    equal("not-found", state.strip(), "the state of " + group.unit());
  }

  private static void reload(UnifiedGroup group) throws IOException {
    limited(group);
    UnifiedGroup.systemctl("daemon-reload").ok();
    equal("" + 32 * M, read(group, "memory", "memory.limit_in_bytes"), "the limit of memory");
    equal("20", read(group, "pids", "pids.max"), "the processes");
    equal("20000", read(group, "cpu", "cpu.cfs_quota_us"), "the quota");
    String list = read(group, "devices", "devices.list");
    that(!list.contains("a *:* rwm"), "every device is allowed: " + list);
    group.usesDevices();
  }
}
