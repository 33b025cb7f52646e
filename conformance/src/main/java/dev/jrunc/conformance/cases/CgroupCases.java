package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Limits: what the kernel has, and that they hold. Version 1 hierarchies are read here. */
final class CgroupCases {
  private static final String SECTION = "config-linux.md Control groups";

  private CgroupCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("memory limit is set", SECTION, CgroupCases::memory),
        Case.of("memory limit holds", SECTION, CgroupCases::memoryHolds),
        Case.of("limits seen from a cgroup namespace", SECTION, CgroupCases::namespace),
        Case.of("cpu shares, quota and period", SECTION, CgroupCases::cpu),
        Case.of("cpuset", SECTION, CgroupCases::cpuset),
        Case.of("pids limit is set and holds", SECTION, CgroupCases::pids),
        Case.of("devices are refused but for the allowed", SECTION, CgroupCases::devices),
        Case.of("an absolute cgroupsPath", SECTION, CgroupCases::path),
        Case.of("a path with .. is refused", SECTION, CgroupCases::dots),
        Case.of("exec enters the container's cgroups", "runc exec", CgroupCases::exec),
        Case.of("kill --all reaches every process", "runc kill -a", CgroupCases::killAll),
        Case.of("delete ends all processes of the cgroup", "runc delete", CgroupCases::delete));
  }

  private static void version1() {
    assume(
        Files.exists(Path.of("/sys/fs/cgroup/memory/memory.limit_in_bytes")),
        "no cgroup v1 on this machine");
  }

  private static ObjectNode resources(ObjectNode config, String kind) {
    return config.withObject("/linux/resources/" + kind);
  }

  private static String read(Sandbox place, String file) {
    return place.args("cat", "/sys/fs/cgroup/" + file).run().ok().out().trim();
  }

  private static void memory(Sandbox place) {
    version1();
    place.config(
        config -> resources(config, "memory").put("limit", 33554432).put("reservation", 16777216));
    equal("33554432", read(place, "memory/memory.limit_in_bytes"), "the limit");
    equal("16777216", read(place, "memory/memory.soft_limit_in_bytes"), "the reservation");
  }

  private static void namespace(Sandbox place) {
    version1();
    place.config(config -> {
      resources(config, "memory").put("limit", 33554432);
      Sandbox.namespaces(config).addObject().put("type", "cgroup");
    });
    equal("33554432", read(place, "memory/memory.limit_in_bytes"), "the limit");
    String groups = place.args("cat", "/proc/self/cgroup").run().ok().out();
    for (String line : groups.trim().split("\n")) {
      that(line.endsWith(":/"), "a group of the host is seen: " + line);
    }
  }

  private static void memoryHolds(Sandbox place) {
    version1();
    place.config(config -> resources(config, "memory").put("limit", 16777216));
    // The shell lives on and tells of the one that was ended.
    Command.Outcome outcome =
        place.script("dd if=/dev/zero of=/dev/null bs=64M count=1; echo code $?").run();
    contains(outcome.all(), "code 137");
  }

  private static void cpu(Sandbox place) {
    version1();
    place.config(config ->
        resources(config, "cpu").put("shares", 512).put("quota", 20000).put("period", 50000));
    equal("512", read(place, "cpu/cpu.shares"), "the shares");
    equal("20000", read(place, "cpu/cpu.cfs_quota_us"), "the quota");
    equal("50000", read(place, "cpu/cpu.cfs_period_us"), "the period");
  }

  private static void cpuset(Sandbox place) {
    version1();
    place.config(config -> resources(config, "cpu").put("cpus", "0").put("mems", "0"));
    contains(
        place.args("grep", "Cpus_allowed_list", "/proc/self/status").run().ok().out(), "\t0\n");
  }

  private static void pids(Sandbox place) {
    version1();
    place.config(config -> resources(config, "pids").put("limit", 5));
    equal("5", read(place, "pids/pids.max"), "the limit");
    String script = "for i in 1 2 3 4 5 6 7; do sleep 1 & done; wait";
    Command.Outcome outcome = place.script(script).run();
    contains(outcome.all(), "fork");
  }

  private static void devices(Sandbox place) {
    place.config(config -> {
      for (String set : List.of("bounding", "effective", "permitted")) {
        config.withObject("/process/capabilities").withArray("/" + set).add("CAP_MKNOD");
      }
    });
    String script =
        "head -c 1 /dev/zero > /dev/null && mknod /dev/block b 7 0;"
            + " head -c 1 /dev/block && echo read";
    Command.Outcome outcome = place.script(script).run();
    that(!outcome.out().contains("read"), "a block device could be read");
    contains(outcome.err(), "not permitted");
  }

  private static void path(Sandbox place) {
    version1();
    String outer = "/conformance-" + ProcessHandle.current().pid();
    String name = outer + "/inner";
    place.config(config -> config.withObject("/linux").put("cgroupsPath", name));
    contains(place.args("cat", "/proc/self/cgroup").run().ok().out(), name);
    for (String hierarchy :
        List.of(
            "cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids", "systemd",
            "unified")) {
      Path parent = Path.of("/sys/fs/cgroup", hierarchy, outer);
      that(!Files.exists(parent.resolve("inner")), parent + " still holds the container's group");
      Command.of("rmdir", parent.toString()).run();
    }
  }

  private static void dots(Sandbox place) {
    assume(!place.isRunc(), "runc 1.1.5 cleans such a path");
    place.config(config -> config.withObject("/linux").put("cgroupsPath", "/../../up"));
    place.run().code(1).says("/linux/cgroupsPath");
  }

  private static void exec(Sandbox place) {
    String id = LifecycleCases.running(place);
    String script = "cat /proc/self/cgroup";
    String one = place.runtime("exec", id, "cat", "/proc/1/cgroup").run().ok().out();
    equal(one, place.runtime("exec", id, "sh", "-c", script).run().ok().out(), "the cgroups");
  }

  private static String shared(Sandbox place) {
    // Without a pid namespace the processes do not end with the first one.
    place.config(config -> Sandbox.without(config, "pid"));
    return LifecycleCases.running(place.script("sleep 100 & sleep 100 & sleep 100"));
  }

  private static void killAll(Sandbox place) throws Exception {
    String id = shared(place);
    place.runtime("kill", "--all", id, "KILL").run().ok();
    LifecycleCases.awaitStopped(place, id);
    place.runtime("delete", id).run().ok();
  }

  private static void delete(Sandbox place) {
    String id = shared(place);
    place.runtime("delete", "--force", id).run().ok();
    place.runtime("state", id).run().code(1);
  }
}
