package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The life of a container on cgroup v2 alone, by both drivers: pause, kill, exec, update, events.
 */
final class UnifiedLifeCases {
  private static final String SECTION = "config-linux.md Control groups";

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final int M = 1 << 20;

  private UnifiedLifeCases() {}

  static List<Case> all() {
    List<Case> all = new ArrayList<>();
    for (UnifiedGroup.Driver driver : UnifiedGroup.Driver.values()) {
      UnifiedCases.Group group = new UnifiedCases.Group(driver, all);
      group.add("limits before the first instruction", SECTION, UnifiedLifeCases::first);
      group.add("a cgroup namespace", "config-linux.md Namespaces", UnifiedLifeCases::namespace);
      group.add("pause, resume and kill", "runc pause", UnifiedLifeCases::freeze);
      group.add("kill --all reaches every process", "runc kill -a", UnifiedLifeCases::killAll);
      group.add(
          "delete --force ends all and leaves nothing", "runc delete", UnifiedLifeCases::delete);
      group.add("exec enters the group and groups below", "runc exec", UnifiedExecCases::enters);
      group.add(
          "exec follows an init that moved below", "runc exec", UnifiedExecCases::followsInit);
      group.add("exec past the limit of processes", "runc exec", UnifiedExecCases::full);
      group.add("update of every flag is read back", "runc update", UnifiedLifeCases::update);
      group.add("update -r - of every kind", "runc update", UnifiedLifeCases::updateFile);
      group.add("update below what is in use is refused", "runc update", UnifiedLifeCases::inUse);
      group.add("events --stats tells limits and use", "runc events", UnifiedLifeCases::stats);
      group.add("events tells of OOM", "runc events", UnifiedLifeCases::oom);
    }
    return all;
  }

  private static void first(UnifiedGroup group) {
    group.resources(r -> {
      r.putObject("memory").put("limit", 32 * M);
      r.putObject("pids").put("limit", 9);
      r.putObject("cpu").put("quota", 50000).put("period", 100000);
    });
    group.place().config(UnifiedGroup::hidden);
    group
        .place()
        .args(
            "cat",
            "/sys/fs/cgroup/memory.max",
            "/sys/fs/cgroup/pids.max",
            "/sys/fs/cgroup/cpu.max");
    equal(32 * M + "\n9\n50000 100000\n", group.run().ok().out(), "the limits");
  }

  private static void namespace(UnifiedGroup group) {
    group.place().config(UnifiedGroup::shown).args("cat", "/proc/self/cgroup");
    equal("0::" + group.path() + "\n", group.run().ok().out(), "the group without a namespace");
    group.place().config(UnifiedGroup::hidden);
    equal("0::/\n", group.run().ok().out(), "the group in a namespace");
    group.place().args("cat", "/sys/fs/cgroup/cgroup.procs");
    equal("1\n", group.run().ok().out(), "the processes in the mounted group");
  }

  private static void freeze(UnifiedGroup group) {
    group.start();
    Sandbox place = group.place();
    place.runtime("pause", group.id()).run().ok();
    group.holds("cgroup.freeze", "1");
    contains(group.read("cgroup.events"), "frozen 1");
    equal("paused", LifecycleCases.status(place, group.id()), "the status");
    place.runtime("resume", group.id()).run().ok();
    group.holds("cgroup.freeze", "0");
    place.runtime("pause", group.id()).run().ok();
    place.runtime("kill", group.id(), "KILL").run().ok();
    LifecycleCases.awaitStopped(place, group.id());
  }

  private static UnifiedGroup shared(UnifiedGroup group) {
    // Without a pid namespace the processes do not end with the first one.
    group.place().config(config -> Sandbox.without(config, "pid"));
    group.place().script("sleep 100 & sleep 100 & sleep 100");
    group.start();
    LifecycleCases.await(
        () -> group.read("cgroup.procs").lines().count() >= 3, "there are not three processes");
    return group;
  }

  private static void killAll(UnifiedGroup group) {
    shared(group);
    Sandbox place = group.place();
    place.runtime("kill", "--all", group.id(), "KILL").run().ok();
    LifecycleCases.await(
        () -> !Files.exists(group.directory()) || group.read("cgroup.procs").isEmpty(),
        "there is still a process");
    LifecycleCases.awaitStopped(place, group.id());
    place.runtime("delete", group.id()).run().ok();
  }

  private static void delete(UnifiedGroup group) throws IOException {
    shared(group);
    List<String> pids = group.read("cgroup.procs").lines().toList();
    if (!group.place().isRunc()) {
      // Which gives up where the group is still busy.
      Files.createDirectory(group.directory().resolve("below"));
    }
    group.place().runtime("delete", "--force", group.id()).run().ok();
    if (group.place().isRunc()) {
      // As above, also of its own processes on a busy machine.
      Files.deleteIfExists(group.directory());
    }
    that(!Files.exists(group.directory()), group.directory() + " is still there");
    for (String pid : pids) {
      that(!alive(pid), "process " + pid + " lives");
    }
  }

  private static boolean alive(String pid) throws IOException {
    Path status = Path.of("/proc", pid, "status");
    try {
      return !Files.readString(status).contains("State:\tZ");
    } catch (IOException gone) {
      return Files.exists(status);
    }
  }

  private static UnifiedGroup limited(UnifiedGroup group) {
    return group
        .resources(r -> {
          r.putObject("memory").put("limit", 32 * M).put("swap", 64 * M);
          r.putObject("pids").put("limit", 20);
          r.putObject("cpu").put("shares", 100).put("quota", 50000).put("period", 100000);
        })
        .start();
  }

  private static void update(UnifiedGroup group) {
    limited(group);
    group
        .update("--memory", "48M", "--memory-swap", "80M", "--memory-reservation", "20971520")
        .ok();
    group.holds("memory.max", "" + 48 * M);
    group.holds("memory.swap.max", "" + 32 * M);
    group.holds("memory.low", "20971520");
    group.holds("cpu.max", "50000 100000");
    group.update("--cpu-share", "1024", "--cpu-quota", "30000", "--cpu-period", "60000").ok();
    group.holds("cpu.max", "30000 60000");
    group.holds("cpu.weight", group.place().isRunc() ? "39" : "100");
    group.update("--cpuset-cpus", "0", "--cpuset-mems", "0", "--pids-limit", "7").ok();
    group.holds("cpuset.cpus", "0");
    group.holds("cpuset.mems", "0");
    group.holds("pids.max", "7");
    group.update("--memory", "-1", "--memory-swap", "-1", "--pids-limit", "-1").ok();
    group.holds("memory.max", "max");
    group.holds("memory.swap.max", "max");
    group.holds("pids.max", "max");
    group.holds("cpu.max", "30000 60000");
  }

  private static void updateFile(UnifiedGroup group) {
    limited(group);
    String json =
        "{\"memory\":{\"limit\":41943040},\"cpu\":{\"quota\":60000,\"period\":120000},"
            + "\"pids\":{\"limit\":11},\"unified\":{\"memory.high\":\"31457280\"}}";
    group.place().runtime("update", "-r", "-", group.id()).input(json).run().ok();
    group.holds("memory.max", "41943040");
    group.holds("cpu.max", "60000 120000");
    group.holds("pids.max", "11");
    if (!group.place().isRunc()) {
      // runc 1.1.5 takes these keys only when the container is made.
      group.holds("memory.high", "31457280");
    }
  }

  private static void inUse(UnifiedGroup group) {
    assume(!group.place().isRunc(), "runc 1.1.5 has no checkBeforeUpdate");
    limited(group);
    String json = "{\"memory\":{\"limit\":4096,\"checkBeforeUpdate\":true}}";
    Command.Outcome outcome =
        group.place().runtime("update", "-r", "-", group.id()).input(json).run().code(1);
    outcome.says("rejecting memory limit 4096 <= usage");
    group.holds("memory.max", "" + 32 * M);
    equal("running", LifecycleCases.status(group.place(), group.id()), "the status");
  }

  private static void stats(UnifiedGroup group) throws IOException {
    limited(group);
    String text = group.place().runtime("events", "--stats", group.id()).run().ok().out();
    JsonNode data = JSON.readTree(text).path("data");
    equal(32 * M, data.at("/memory/usage/limit").asInt(), "the memory");
    equal(20, data.at("/pids/limit").asInt(), "the limit of processes");
    equal(1, data.at("/pids/current").asInt(), "the processes");
    that(data.at("/memory/usage/usage").asInt() > 0, "no memory in " + data);
    that(data.at("/memory/raw/anon").asInt() > 0, "no memory.stat in " + data);
    that(data.at("/cpu/usage/total").asLong() > 0, "no time in " + data);
  }

  private static void oom(UnifiedGroup group) throws IOException {
    group.resources(r -> r.putObject("memory").put("limit", 16 * M).put("swap", 16 * M));
    group
        .place()
        .script("while true; do sleep 0.3; dd if=/dev/zero of=/dev/null bs=64M count=1; done");
    group.start();
    List<JsonNode> lines = EventCases.watch(group.place(), group.id(), "60s", "4");
    that(!lines.isEmpty(), "there is no event");
    for (JsonNode line : lines) {
      equal("oom", line.path("type").asText(), "the type");
    }
  }
}
