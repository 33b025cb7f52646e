package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Limits: what the kernel has, and that they hold. Version 1 hierarchies are read here. */
final class CgroupCases {
  private static final String SECTION = "config-linux.md Control groups";

  private static final String OWNERSHIP = "config-linux.md Cgroup ownership";

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
        Case.of("a cgroup of version 2 belongs to its container", OWNERSHIP, CgroupCases::owned),
        Case.of("not where it is mounted read-only", OWNERSHIP, CgroupCases::notReadOnly),
        Case.of("not without a cgroup namespace", OWNERSHIP, CgroupCases::notShared),
        Case.of("exec enters the container's cgroups", "runc exec", CgroupCases::exec),
        Case.of("kill --all reaches every process", "runc kill -a", CgroupCases::killAll),
        Case.of("delete ends all processes of the cgroup", "runc delete", CgroupCases::delete),
        Case.of("delete removes groups as deep as they are", "runc delete", CgroupCases::deep),
        Case.of("nor by long names", "runc delete", CgroupCases::longNames));
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

  /** Runs with nothing but version 2, as a hybrid host has it beside version 1. */
  private static Command.Outcome onVersion2(Sandbox place, String mode, boolean own) {
    assume(Files.exists(Path.of("/sys/kernel/cgroup/delegate")), "Linux 4.15 has the list");
    IdMapCases.ownUsers(place);
    place.config(config -> {
      Sandbox.without(config, "cgroup");
      if (own) {
        Sandbox.namespaces(config).addObject().put("type", "cgroup");
      }
      ArrayNode mounts = config.withArray("/mounts");
      for (int i = mounts.size() - 1; i >= 0; i--) {
        if (mounts.get(i).path("type").asText().equals("cgroup")) {
          mounts.remove(i);
        }
      }
      Sandbox.mount(config, "/sys/fs/cgroup", "cgroup", "cgroup", mode);
    });
    String unified = "/sys/fs/cgroup/unified";
    String hide =
        Files.exists(Path.of(unified)) ? "mount --bind " + unified + " /sys/fs/cgroup" : "true";
    assume(
        Files.exists(Path.of(unified))
            || Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers")),
        "no cgroup v2 on this machine");
    List<String> words = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c"));
    words.add(hide + " && exec \"$@\"");
    words.add("-");
    words.addAll(place.runtimeWords("run", place.container()));
    return Command.of(words).in(place.bundle()).run();
  }

  private static final String OWNERS =
      "cd /sys/fs/cgroup; for f in $(cat /sys/kernel/cgroup/delegate) .; do"
          + " test ! -e $f || stat -c '%u %n' $f; done | sort -u";

  private static void owned(Sandbox place) {
    assume(!place.isRunc(), "runc 1.1.5 hands cgroups down where systemd makes them only");
    place.script(OWNERS + "; stat -c %u cgroup.type; mkdir below && rmdir below && echo made");
    String out = onVersion2(place, "rw", true).ok().out();
    for (String name : List.of("cgroup.procs", "cgroup.subtree_control", "cgroup.threads", ".")) {
      contains(out, "0 " + name + "\n");
    }
    // What would raise a limit stays with the host.
    that(out.endsWith("65534\nmade\n"), out);
  }

  private static void notReadOnly(Sandbox place) {
    place.script(OWNERS);
    String out = onVersion2(place, "ro", true).ok().out();
    that(!out.contains("0 cgroup.procs\n"), out);
  }

  private static void notShared(Sandbox place) {
    place.script(OWNERS);
    String out = onVersion2(place, "rw", false).ok().out();
    that(!out.contains("0 cgroup.procs\n"), out);
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

  // A container that may make groups below its own must not stay for ever by nesting them.
  private static void deep(Sandbox place) throws Exception {
    assume(
        !place.isRunc(), "runc 1.1.5 leaves groups below, with who is in them, and says nothing");
    String id = LifecycleCases.created(place.args("sleep", "100"));
    Path group = group(place, id, "devices");
    Path deepest = group;
    for (int i = 0; i < 80; i++) {
      deepest = Files.createDirectory(deepest.resolve("d" + i));
    }
    Process hidden = new ProcessBuilder("sleep", "100").start();
    Files.writeString(deepest.resolve("cgroup.procs"), String.valueOf(hidden.pid()));
    try {
      place.runtime("delete", "--force", id).run().ok();
    } finally {
      hidden.destroyForcibly().waitFor();
    }
    that(!Files.exists(group), "the groups are still there");
  }

  // No path leads to the end of such a nest: PATH_MAX is 4096.
  private static void longNames(Sandbox place) throws Exception {
    assume(
        !place.isRunc(), "runc 1.1.5 leaves groups below, with who is in them, and says nothing");
    String id = LifecycleCases.running(place.args("sleep", "100"));
    Path group = group(place, id, "devices");
    String name = "n".repeat(250);
    String script =
        "for i in $(seq 20); do mkdir "
            + name
            + " && cd "
            + name
            + " || exit 1; done; echo $$ > cgroup.procs && echo inside; exec sleep 100";
    Process hidden = new ProcessBuilder("bash", "-c", script).directory(group.toFile()).start();
    try {
      equal("inside", hidden.inputReader().readLine(), "the way down");
      that(hidden.isAlive(), "it does not sleep");
      String listed = place.runtime("ps", "--format", "json", id).run().ok().out();
      contains(listed, String.valueOf(hidden.pid()));
      place.runtime("kill", "--all", id, "KILL").run().ok();
      that(hidden.waitFor(10, TimeUnit.SECONDS), "kill --all does not reach it");
      LifecycleCases.awaitStopped(place, id);
      place.runtime("delete", id).run().ok();
    } finally {
      hidden.destroyForcibly().waitFor();
    }
    that(!Files.exists(group), "the groups are still there");
  }

  private static Path group(Sandbox place, String id, String controller) throws Exception {
    String state = place.runtime("state", id).run().ok().out();
    int pid = new ObjectMapper().readTree(state).path("pid").asInt();
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/cgroup"))) {
      String[] parts = line.split(":", 3);
      if (List.of(parts[1].split(",")).contains(controller)) {
        return Path.of("/sys/fs/cgroup/" + controller + parts[2]);
      }
    }
    throw new AssertionError("no group of " + controller);
  }

  private static void delete(Sandbox place) {
    String id = shared(place);
    place.runtime("delete", "--force", id).run().ok();
    place.runtime("state", id).run().code(1);
  }
}
