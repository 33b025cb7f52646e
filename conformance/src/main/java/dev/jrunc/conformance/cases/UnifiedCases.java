package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
    }
    return all;
  }

  interface Body {
    void run(UnifiedGroup group) throws Exception;
  }

  /** The cases of one driver. */
  record Group(UnifiedGroup.Driver driver, List<Case> cases) {
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
}
