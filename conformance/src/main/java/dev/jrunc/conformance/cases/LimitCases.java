package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Fields of linux.resources that no other group is about, read back from version 1 hierarchies. */
final class LimitCases {
  private static final String SECTION = "config-linux.md Control groups";
  private static final int M = 1 << 20;

  private LimitCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("memory and swap, swappiness, no OOM killer", SECTION, LimitCases::memory),
        Case.of("memory settings that Linux gave up", SECTION, LimitCases::givenUp),
        Case.of("burst and idle of processor time", SECTION, LimitCases::processor),
        Case.of("real-time processor time", SECTION, LimitCases::realtime),
        Case.of("a device that a rule allows", SECTION, LimitCases::device),
        Case.of("throttles of block I/O", SECTION, LimitCases::throttles),
        Case.of("weights of block I/O", SECTION, LimitCases::weights),
        Case.of("huge pages", SECTION, LimitCases::hugePages),
        Case.of("class and priorities of network packets", SECTION, LimitCases::network),
        Case.of("limits of RDMA", SECTION, LimitCases::rdma),
        Case.of("raw values of version 2", SECTION, LimitCases::unified));
  }

  private static boolean version1(String controller) {
    return Files.exists(Path.of("/sys/fs/cgroup", controller, "tasks"));
  }

  private static ObjectNode resources(ObjectNode config, String kind) {
    return config.withObject("/linux/resources/" + kind);
  }

  private static String read(Sandbox place, String file) {
    return place.args("cat", "/sys/fs/cgroup/" + file).run().ok().out().trim();
  }

  /** What this host has no hierarchy for must be said, and leave nothing. */
  private static void refused(Sandbox place, String word) {
    String id = place.container();
    Command.Outcome outcome = place.args("true").runtime("run", id).run();
    assume(!place.isRunc() || outcome.code() != 0, "runc 1.1.5 leaves it out and says nothing");
    outcome.code(1).says(word);
    place.runtime("state", id).run().code(1);
  }

  private static void memory(Sandbox place) {
    assume(version1("memory"), "no cgroup v1 on this machine");
    place.config(config ->
        resources(config, "memory")
            .put("limit", 32 * M)
            .put("swap", 48 * M)
            .put("swappiness", 15)
            .put("disableOOMKiller", true)
            .put("checkBeforeUpdate", true));
    equal("" + 48 * M, read(place, "memory/memory.memsw.limit_in_bytes"), "memory and swap");
    equal("15", read(place, "memory/memory.swappiness"), "the swappiness");
    contains(read(place, "memory/memory.oom_control"), "oom_kill_disable 1");
  }

  private static void givenUp(Sandbox place) {
    assume(version1("memory"), "no cgroup v1 on this machine");
    place.config(config ->
        resources(config, "memory")
            .put("limit", 32 * M)
            .put("kernel", 16 * M)
            .put("kernelTCP", 16 * M)
            .put("useHierarchy", true));
    equal("" + 32 * M, read(place, "memory/memory.limit_in_bytes"), "the limit");
  }

  private static void processor(Sandbox place) {
    assume(!place.isRunc(), "runc 1.1.5 knows neither");
    assume(
        Files.exists(Path.of("/sys/fs/cgroup/cpu/cpu.idle"))
            || Files.exists(Path.of("/sys/fs/cgroup/cpu/cpu.cfs_burst_us")),
        "this kernel has neither");
    place.config(config ->
        resources(config, "cpu").put("quota", 50000).put("period", 100000).put("burst", 20000));
    equal("20000", read(place, "cpu/cpu.cfs_burst_us"), "the burst");
    place.config(config -> {
      config.withObject("/linux/resources").remove("cpu");
      resources(config, "cpu").put("idle", 1);
    });
    equal("1", read(place, "cpu/cpu.idle"), "idle");
  }

  // Where the group above has no share of its own the kernel refuses, and so must we.
  private static void realtime(Sandbox place) {
    assume(
        Files.exists(Path.of("/sys/fs/cgroup/cpu/cpu.rt_runtime_us")),
        "this kernel has no real-time groups");
    place.config(config ->
        resources(config, "cpu").put("realtimePeriod", 900000).put("realtimeRuntime", 1000));
    Command.Outcome outcome = place.args("cat", "/sys/fs/cgroup/cpu/cpu.rt_runtime_us").run();
    if (outcome.code() == 0) {
      equal("1000\n", outcome.out(), "the runtime");
    } else {
      outcome.code(1).says("rt_");
    }
  }

  private static void device(Sandbox place) throws IOException {
    assume(Files.readString(Path.of("/proc/misc")).contains("229 fuse"), "this kernel has no fuse");
    place.config(config ->
        config
            .withObject("/linux")
            .withArray("/devices")
            .addObject()
            .put("path", "/dev/fuse")
            .put("type", "c")
            .put("major", 10)
            .put("minor", 229)
            .put("fileMode", 0666));
    place.script("true < /dev/fuse").run().code(1).says("not permitted");
    place.config(config ->
        config
            .withObject("/linux/resources")
            .withArray("/devices")
            .addObject()
            .put("allow", true)
            .put("type", "c")
            .put("major", 10)
            .put("minor", 229)
            .put("access", "r"));
    place.script("true < /dev/fuse").run().ok();
    place.script("true > /dev/fuse").run().code(1).says("not permitted");
  }

  private static String disk() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/partitions"))) {
      String[] words = line.trim().split(" +");
      boolean whole = words.length == 4 && Files.exists(Path.of("/sys/block/" + words[3]));
      if (whole && !words[3].startsWith("loop") && !words[3].startsWith("ram")) {
        return words[0] + ":" + words[1];
      }
    }
    return "";
  }

  private static void throttles(Sandbox place) throws IOException {
    assume(version1("blkio"), "no cgroup v1 on this machine");
    assume(
        Files.exists(Path.of("/sys/fs/cgroup/blkio/blkio.throttle.read_bps_device")),
        "this kernel throttles no block I/O");
    String disk = disk();
    assume(!disk.isEmpty(), "this machine has no disk");
    String[] numbers = disk.split(":");
    List<String> kinds = List.of("ReadBps", "WriteBps", "ReadIOPS", "WriteIOPS");
    place.config(config -> {
      for (int i = 0; i < kinds.size(); i++) {
        resources(config, "blockIO")
            .putArray("throttle" + kinds.get(i) + "Device")
            .addObject()
            .put("major", Integer.parseInt(numbers[0]))
            .put("minor", Integer.parseInt(numbers[1]))
            .put("rate", 1_000_000 + i);
      }
    });
    String files = "read_bps write_bps read_iops write_iops";
    String script =
        "for f in " + files + "; do cat /sys/fs/cgroup/blkio/blkio.throttle.$f\"_device\"; done";
    String out = place.script(script).run().ok().out();
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < kinds.size(); i++) {
      expected.append(disk).append(' ').append(1_000_000 + i).append('\n');
    }
    equal(expected.toString(), out, "the throttles");
  }

  private static void weights(Sandbox place) throws IOException {
    String file = "";
    for (String name : List.of("blkio.weight", "blkio.bfq.weight")) {
      file = Files.exists(Path.of("/sys/fs/cgroup/blkio", name)) ? name : file;
    }
    String[] numbers = (disk() + ":0").split(":");
    place.config(config -> {
      ObjectNode all = resources(config, "blockIO");
      all.put("weight", 300).put("leafWeight", 400);
      all.putArray("weightDevice")
          .addObject()
          .put("major", Integer.parseInt(numbers[0].isEmpty() ? "8" : numbers[0]))
          .put("minor", Integer.parseInt(numbers[1]))
          .put("weight", 500)
          .put("leafWeight", 600);
    });
    if (file.isEmpty()) {
      refused(place, "weight");
    } else {
      equal("300", read(place, "blkio/" + file), "the weight");
    }
  }

  private static void hugePages(Sandbox place) {
    place.config(config ->
        config
            .withObject("/linux/resources")
            .putArray("hugepageLimits")
            .addObject()
            .put("pageSize", "2MB")
            .put("limit", 2 * M));
    if (version1("hugetlb")) {
      equal("" + 2 * M, read(place, "hugetlb/hugetlb.2MB.limit_in_bytes"), "the limit");
    } else {
      refused(place, "huge");
    }
  }

  private static void network(Sandbox place) {
    place.config(config -> {
      ObjectNode all = resources(config, "network").put("classID", 1048577);
      all.putArray("priorities").addObject().put("name", "lo").put("priority", 3);
    });
    if (version1("net_cls") && version1("net_prio")) {
      equal("1048577", read(place, "net_cls/net_cls.classid"), "the class");
    } else {
      refused(place, "net_");
    }
  }

  private static void rdma(Sandbox place) {
    place.config(config ->
        resources(config, "rdma").putObject("mlx5_1").put("hcaHandles", 3).put("hcaObjects", 100));
    refused(place, "rdma");
  }

  private static void unified(Sandbox place) {
    that(!Files.exists(Path.of("/sys/fs/cgroup/cgroup.procs")) || version1("memory"), "");
    place.config(config -> resources(config, "unified").put("memory.high", "33554432"));
    assume(version1("memory"), "version 2 alone");
    refused(place, "unified");
  }
}
