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

/** What {@code events} and {@code ps} tell of a container. */
final class EventCases {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int M = 1 << 20;

  private EventCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("events --stats has runc's fields", "runc events", EventCases::fields),
        Case.of("events --stats tells the limits", "runc events", EventCases::limits),
        Case.of("events --stats counts", "runc events", EventCases::counts),
        Case.of("events of a created and a paused container", "runc events", EventCases::states),
        Case.of("events --interval shows lines until the end", "runc events", EventCases::stream),
        Case.of("events tells of OOM", "runc events", EventCases::oom),
        Case.of("events refuses an interval of nothing", "runc events", EventCases::interval),
        Case.of("events of a stopped container fails", "runc events", EventCases::stopped),
        Case.of("ps shows a table like the host's", "runc ps", EventCases::psTable),
        Case.of("ps passes options on", "runc ps", EventCases::psOptions),
        Case.of("ps --format json has every pid", "runc ps", EventCases::psJson),
        Case.of("ps of a stopped container shows none", "runc ps", EventCases::psStopped),
        Case.of("ps tells what ps says", "runc ps", EventCases::psFails));
  }

  private static JsonNode stats(Sandbox place, String id) throws IOException {
    JsonNode event = JSON.readTree(place.runtime("events", "--stats", id).run().ok().out());
    equal("stats", event.path("type").asText(), "the type");
    equal(id, event.path("id").asText(), "the id");
    return event.path("data");
  }

  private static void fields(Sandbox place) throws IOException {
    JsonNode data = stats(place, LifecycleCases.running(place));
    List<String> names = new ArrayList<>();
    data.fieldNames().forEachRemaining(names::add);
    equal(
        "[cpu, cpuset, memory, pids, blkio, hugetlb, intel_rdt, network_interfaces]",
        names.toString(),
        "the parts");
    for (String counter : List.of("usage", "swap", "kernel", "kernelTCP")) {
      that(
          data.path("memory").path(counter).has("failcnt"),
          counter + " is missing in " + data.path("memory"));
    }
    that(data.path("memory").path("raw").size() > 5, "no memory.stat in " + data);
    that(data.path("cpu").path("usage").path("total").asLong() > 0, "no time in " + data);
    for (String flag :
        List.of(
            "cpu_exclusive",
            "mem_hardwall",
            "mem_exclusive",
            "memory_migrate",
            "memory_spread_page",
            "memory_spread_slab",
            "memory_pressure",
            "sched_load_balance",
            "sched_relax_domain_level")) {
      that(data.path("cpuset").has(flag), flag + " is missing in " + data.path("cpuset"));
    }
  }

  private static void version1() {
    assume(
        Files.exists(Path.of("/sys/fs/cgroup/memory/memory.limit_in_bytes")),
        "no cgroup v1 on this machine");
  }

  private static void limits(Sandbox place) throws IOException {
    version1();
    place.config(config -> {
      var resources = config.withObject("/linux/resources");
      resources.putObject("memory").put("limit", 32 * M).put("swap", 64 * M);
      resources.putObject("pids").put("limit", 20);
      resources.putObject("cpu").put("cpus", "0").put("quota", 50000).put("period", 100000);
    });
    JsonNode data = stats(place, LifecycleCases.running(place));
    equal(32 * M, data.at("/memory/usage/limit").asInt(), "the memory");
    equal(64 * M, data.at("/memory/swap/limit").asInt(), "memory and swap");
    equal(20, data.at("/pids/limit").asInt(), "the limit of processes");
    equal("[0]", data.at("/cpuset/cpus").toString(), "the processors");
    equal("[0]", data.at("/cpuset/mems").toString(), "the memory nodes");
  }

  private static void counts(Sandbox place) throws IOException {
    version1();
    String id = LifecycleCases.running(place.script("sleep 100 & while true; do :; done"));
    LifecycleCases.pause(300);
    JsonNode first = stats(place, id);
    equal(2, first.at("/pids/current").asInt(), "the processes");
    that(first.at("/cpu/usage/percpu").size() > 0, "no processors in " + first);
    that(first.at("/memory/usage/usage").asInt() > 0, "no memory in " + first);
    LifecycleCases.pause(200);
    long more = stats(place, id).at("/cpu/usage/total").asLong();
    that(more > first.at("/cpu/usage/total").asLong(), "the time stands still");
  }

  private static void states(Sandbox place) throws IOException {
    String id = LifecycleCases.created(place.args("sleep", "100"));
    // Threads of the runtime's own count too until it starts.
    that(stats(place, id).at("/pids/current").asInt() > 0, "no process");
    place.runtime("start", id).run().ok();
    place.runtime("pause", id).run().ok();
    equal(1, stats(place, id).at("/pids/current").asInt(), "the processes");
  }

  /** Runs {@code events} beside a container, which is deleted after {@code seconds}. */
  static List<JsonNode> watch(Sandbox place, String id, String interval, String seconds)
      throws IOException {
    Path out = place.folder().resolve("events");
    String events = String.join(" ", place.runtimeWords("events", "--interval", interval, id));
    String delete = String.join(" ", place.runtimeWords("delete", "--force", id));
    Command.of(
            "sh", "-c", events + " >" + out + " & sleep " + seconds + "; " + delete + "; wait $!")
        .in(place.bundle())
        .run()
        .ok();
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(out)) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  private static void stream(Sandbox place) throws IOException {
    List<JsonNode> lines = watch(place, LifecycleCases.running(place), "100ms", "1");
    that(lines.size() >= 5 && lines.size() <= 11, lines.size() + " lines in a second");
    for (JsonNode line : lines) {
      equal("stats", line.path("type").asText(), "the type");
    }
  }

  private static void oom(Sandbox place) throws IOException {
    version1();
    place.config(config ->
        config.withObject("/linux/resources/memory").put("limit", 16 * M).put("swap", 16 * M));
    place.script("while true; do sleep 0.3; dd if=/dev/zero of=/dev/null bs=64M count=1; done");
    List<JsonNode> lines = watch(place, LifecycleCases.running(place), "10s", "2");
    that(!lines.isEmpty(), "there is no event");
    for (JsonNode line : lines) {
      equal("oom", line.path("type").asText(), "the type");
      that(!line.has("data"), "an oom has data: " + line);
    }
  }

  private static void interval(Sandbox place) {
    String id = LifecycleCases.running(place);
    for (String none : List.of("0s", "-1s")) {
      place
          .runtime("events", "--interval=" + none, id)
          .run()
          .code(1)
          .says("duration interval must be greater than 0");
    }
    place.runtime("events", "--interval", "soon", id).run().code(1);
  }

  private static void stopped(Sandbox place) {
    String id = LifecycleCases.running(place);
    place.runtime("kill", id, "KILL").run().ok();
    LifecycleCases.awaitStopped(place, id);
    String text = place.runtime("events", "--stats", id).run().code(1).all();
    contains(text, "container with id " + id + " is not running");
    place.runtime("events", "--stats", "never-there").run().code(1).says("does not exist");
  }

  private static void psTable(Sandbox place) {
    String id = LifecycleCases.running(place.script("sleep 101 & sleep 102"));
    LifecycleCases.await(
        () -> place.runtime("ps", id).run().ok().out().contains("sleep 102"), "no second program");
    List<String> lines = place.runtime("ps", id).run().ok().out().lines().toList();
    equal(
        "UID PID PPID C STIME TTY TIME CMD",
        lines.get(0).strip().replaceAll(" +", " "),
        "the heads of the columns");
    int shell = lines.toString().contains("sh -c") ? 1 : 0;
    equal(3 + shell, lines.size(), "the lines");
    contains(lines.toString(), "sleep 101");
  }

  private static void psOptions(Sandbox place) {
    String id = LifecycleCases.running(place);
    // What follows the container is ps's own, even if it looks like an option of ours.
    List<String> lines =
        place.runtime("ps", id, "-e", "-o", "pid,comm").run().ok().out().lines().toList();
    equal("PID COMMAND", lines.get(0).strip().replaceAll(" +", " "), "the heads");
    equal(2, lines.size(), "the lines");
    that(lines.get(1).endsWith(" sleep"), "another program: " + lines.get(1));
  }

  private static void psJson(Sandbox place) throws IOException {
    String id = LifecycleCases.running(place.script("sleep 101 & sleep 102 & sleep 103"));
    LifecycleCases.pause(300);
    JsonNode pids = JSON.readTree(place.runtime("ps", "--format", "json", id).run().ok().out());
    that(pids.size() >= 3, "not every pid: " + pids);
    JsonNode state = JSON.readTree(place.runtime("state", id).run().ok().out());
    contains(pids.toString(), state.path("pid").toString());
    place.runtime("ps", "--format", "xml", id).run().code(1).says("invalid format option");
  }

  private static void psStopped(Sandbox place) {
    String id = LifecycleCases.running(place);
    place.runtime("kill", id, "KILL").run().ok();
    LifecycleCases.awaitStopped(place, id);
    // Dead, but its parent may not have looked yet.
    LifecycleCases.await(
        () -> place.runtime("ps", id).run().ok().out().lines().count() == 1, "a process is shown");
    equal("null\n", place.runtime("ps", "-f", "json", id).run().ok().out(), "the pids");
    place.runtime("ps", "never-there").run().code(1).says("container does not exist");
  }

  private static void psFails(Sandbox place) {
    String id = LifecycleCases.running(place);
    place.runtime("ps", id, "--no-such-option").run().code(1).says("exit status 1");
    place.runtime("ps", id, "-o", "comm").run().code(1).says("couldn't find PID field");
  }
}
