package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Limits on cgroup v2 alone, by both drivers: what the files say, and that it holds. */
final class UnifiedCases {
  private static final String SECTION = "config-linux.md Control groups";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int M = 1 << 20;

  private UnifiedCases() {}

  static List<Case> all() {
    List<Case> all = new ArrayList<>();
    for (UnifiedGroup.Driver driver : UnifiedGroup.Driver.values()) {
      Group group = new Group(driver, all);
      group.add("memory, swap and reservation", SECTION, UnifiedCases::memory);
      group.add("memory and swap without a limit", SECTION, UnifiedCases::unlimited);
      group.add("a memory limit holds", SECTION, UnifiedCases::memoryHolds);
      group.add("weight, quota and period", SECTION, UnifiedCases::cpu);
      group.add("processors and memory nodes", SECTION, UnifiedCases::cpuset);
      group.add("a limit of processes is set and holds", SECTION, UnifiedCases::pids);
      group.add("rates of block devices", SECTION, UnifiedCases::throttle);
      group.add("weight of block I/O", SECTION, UnifiedCases::weight);
      group.add("huge pages", SECTION, UnifiedCases::hugepages);
      group.add("unified keys", "config-linux.md Unified", UnifiedCases::unified);
      group.add("devices by program", SECTION, UnifiedCases::devices);
      group.add("limits before the first instruction", SECTION, UnifiedCases::first);
      group.add("a cgroup namespace", "config-linux.md Namespaces", UnifiedCases::namespace);
      group.add("pause, resume and kill", "runc pause", UnifiedCases::freeze);
      group.add("kill --all reaches every process", "runc kill -a", UnifiedCases::killAll);
      group.add("delete --force ends all and leaves nothing", "runc delete", UnifiedCases::delete);
      group.add("exec enters the group and groups below", "runc exec", UnifiedExecCases::enters);
      group.add(
          "exec follows an init that moved below", "runc exec", UnifiedExecCases::followsInit);
      group.add("exec past the limit of processes", "runc exec", UnifiedExecCases::full);
      group.add("update of every flag is read back", "runc update", UnifiedCases::update);
      group.add("update -r - of every kind", "runc update", UnifiedCases::updateFile);
      group.add("update below what is in use is refused", "runc update", UnifiedCases::inUse);
      group.add("events --stats tells limits and use", "runc events", UnifiedCases::stats);
      group.add("events tells of OOM", "runc events", UnifiedCases::oom);
    }
    return all;
  }

  private interface Body {
    void run(UnifiedGroup group) throws Exception;
  }

  /** The cases of one driver. */
  private record Group(UnifiedGroup.Driver driver, List<Case> cases) {
    void add(String name, String source, Body body) {
      String by = driver == UnifiedGroup.Driver.SYSTEMD ? "systemd" : "cgroupfs";
      cases.add(
          Case.of(
              "v2 by " + by + ": " + name,
              source,
              place -> {
                assume(
                    Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers")),
                    "this machine has not cgroup v2 alone");
                UnifiedGroup group = UnifiedGroup.of(place, driver);
                body.run(group);
                place.runtime("delete", "--force", group.id()).run().ok();
                that(!Files.exists(group.directory()), group.directory() + " is still there");
              }));
    }
  }

  private static void memory(UnifiedGroup group) {
    group
        .resources(resources ->
            resources
                .putObject("memory")
                .put("limit", 32 * M)
                .put("swap", 96 * M)
                .put("reservation", 16 * M))
        .start();
    group.holds("memory.max", "" + 32 * M);
    group.holds("memory.swap.max", "" + 64 * M);
    group.holds("memory.low", "" + 16 * M);
  }

  private static void unlimited(UnifiedGroup group) {
    group.resources(r -> r.putObject("memory").put("limit", -1).put("swap", -1)).start();
    group.holds("memory.max", "max");
    group.holds("memory.swap.max", "max");
  }

  private static void memoryHolds(UnifiedGroup group) {
    group.resources(r -> r.putObject("memory").put("limit", 16 * M).put("swap", 16 * M));
    group.place().script("dd if=/dev/zero of=/dev/null bs=64M count=1; echo code $?");
    contains(group.run().all(), "code 137");
  }

  private static void cpu(UnifiedGroup group) {
    group
        .resources(
            r -> r.putObject("cpu").put("shares", 512).put("quota", 20000).put("period", 50000))
        .start();
    group.holds("cpu.max", "20000 50000");
    // Since 1.4 runc has the curve that keeps the default the default; 1.1.5 has a straight line.
    group.holds("cpu.weight", group.place().isRunc() ? "20" : "59");
  }

  private static void cpuset(UnifiedGroup group) throws IOException {
    group.resources(r -> r.putObject("cpu").put("cpus", "1").put("mems", "0")).start();
    group.holds("cpuset.cpus", "1");
    group.holds("cpuset.mems", "0");
    String pid = group.read("cgroup.procs");
    contains(Files.readString(Path.of("/proc", pid, "status")), "Cpus_allowed_list:\t1\n");
  }

  private static void pids(UnifiedGroup group) {
    group.resources(r -> r.putObject("pids").put("limit", 5));
    group.place().script("for i in 1 2 3 4 5 6 7; do sleep 100 & done; wait");
    contains(group.run().all(), "fork");
    String id = group.id();
    group.place().args("sleep", "100");
    LifecycleCases.detached(group.place(), "create", id);
    group.holds("pids.max", "5");
  }

  private static String[] disk() throws IOException {
    Path numbers = Path.of("/sys/class/block/vda/dev");
    assume(Files.exists(numbers), "there is no disk vda");
    return Files.readString(numbers).strip().split(":");
  }

  private static ObjectNode device(ObjectNode blockIo, String kind) throws IOException {
    String[] disk = disk();
    return blockIo
        .putArray(kind)
        .addObject()
        .put("major", Integer.parseInt(disk[0]))
        .put("minor", Integer.parseInt(disk[1]));
  }

  private static void throttle(UnifiedGroup group) throws IOException {
    ObjectNode blockIo = JSON.createObjectNode();
    device(blockIo, "throttleReadBpsDevice").put("rate", M);
    device(blockIo, "throttleWriteBpsDevice").put("rate", 2 * M);
    device(blockIo, "throttleReadIOPSDevice").put("rate", 100);
    device(blockIo, "throttleWriteIOPSDevice").put("rate", 200);
    group.resources(resources -> resources.set("blockIO", blockIo)).start();
    group.holds(
        "io.max", String.join(":", disk()) + " rbps=1048576 wbps=2097152 riops=100 wiops=200");
  }

  private static void weight(UnifiedGroup group) {
    assume(
        !group.place().isRunc() || group.driver() == UnifiedGroup.Driver.CGROUPFS,
        "runc 1.1.5 does not tell systemd");
    group.resources(r -> r.putObject("blockIO").put("weight", 500)).start();
    boolean bfq = group.has("io.bfq.weight");
    assume(bfq || group.has("io.weight"), "this kernel has no weights of block I/O");
    String file = bfq ? "io.bfq.weight" : "io.weight";
    group.holds(file, "default " + (bfq ? "500" : "4950"));
  }

  private static void hugepages(UnifiedGroup group) {
    group
        .resources(r ->
            r.putArray("hugepageLimits").addObject().put("pageSize", "2MB").put("limit", 4 * M))
        .start();
    group.holds("hugetlb.2MB.max", "" + 4 * M);
  }

  private static void unified(UnifiedGroup group) {
    group
        .resources(r ->
            r.putObject("unified")
                .put("memory.high", "20971520")
                .put("memory.low", "524288")
                .put("memory.min", "131072")
                .put("memory.max", "41943040")
                .put("pids.max", "99")
                .put("cpu.max", "10000 100000")
                .put("cpu.weight", "42")
                .put("cgroup.max.depth", "7"))
        .start();
    group.holds("memory.high", "20971520");
    group.holds("memory.low", "524288");
    group.holds("memory.min", "131072");
    group.holds("memory.max", "41943040");
    group.holds("pids.max", "99");
    group.holds("cpu.max", "10000 100000");
    group.holds("cpu.weight", "42");
    group.holds("cgroup.max.depth", "7");
  }

  private static void devices(UnifiedGroup group) throws IOException {
    String[] disk = disk();
    group
        .place()
        .config(config -> {
          for (String set : List.of("bounding", "effective", "permitted")) {
            config.withObject("/process/capabilities").withArray("/" + set).add("CAP_MKNOD");
          }
          Writable.root(config);
          config
              .withObject("/linux/resources")
              .withArray("/devices")
              .addObject()
              .put("allow", true)
              .put("type", "b")
              .put("major", Integer.parseInt(disk[0]))
              .put("minor", Integer.parseInt(disk[1]))
              .put("access", "r");
        });
    String node = "b " + disk[0] + " " + disk[1];
    group
        .place()
        .script(
            "head -c 1 /dev/zero > /dev/null && echo common;"
                + " mknod /disk "
                + node
                + "; head -c 1 /disk > /dev/null && echo read;"
                + " (echo > /disk) 2>&1; mknod /mem c 1 1; (head -c 1 /mem) 2>&1; true");
    String all = group.run().ok().all();
    contains(all, "common");
    contains(all, "read");
    contains(all, "/disk: Operation not permitted");
    contains(all, "/mem: Operation not permitted");
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
