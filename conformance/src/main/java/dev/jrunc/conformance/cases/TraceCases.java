package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How long each phase takes, as {@code --trace} tells it. */
final class TraceCases {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String NO_PEER = "runc has no such command";

  private TraceCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("trace times the steps of the plan, in its order", "ours", TraceCases::trace),
        Case.of("trace takes one command after the other", "ours", TraceCases::traceAdds),
        Case.of("no process of a container holds the trace", "ours", TraceCases::traceLeaks),
        Case.of("a trace that cannot be written is refused first", "ours", TraceCases::noTrace));
  }

  private static List<String> phases(JsonNode trace, int thread) {
    List<String> names = new ArrayList<>();
    double last = 0;
    for (JsonNode event : trace) {
      if (event.path("ph").asText().equals("X") && event.path("tid").asInt() == thread) {
        names.add(event.path("name").asText());
        that(event.path("ts").asDouble() >= last, "out of order: " + event);
        last = event.path("ts").asDouble();
        that(event.path("dur").asDouble() < 1e9, "too long: " + event);
      }
    }
    return names;
  }

  private static List<String> planned(JsonNode plan, String process) {
    List<String> names = new ArrayList<>();
    for (JsonNode each : plan.path("processes")) {
      if (each.path("process").asText().equals(process)) {
        each.path("steps").forEach(step -> names.add(step.path("step").asText()));
      }
    }
    return names;
  }

  private static void traceOf(Sandbox place) throws IOException {
    JsonNode plan = TellCases.json(place.runtime("plan", "--json").run().ok());
    Path file = place.folder().resolve("trace.json");
    Files.deleteIfExists(file);
    String id = place.container();
    LifecycleCases.detached(place, "--trace", file.toString(), "create", id);
    JsonNode trace = JSON.readTree(file.toFile());
    List<String> steps = planned(plan, "container");
    int gate = steps.indexOf("await start") + 1;
    equal(steps.subList(0, gate), phases(trace, 3), "the phases of the container's process");
    // What the plan says of this process is what it did, in that order; the trace has more.
    List<String> own = phases(trace, 1);
    int at = -1;
    for (String act : planned(plan, "create")) {
      int found = own.subList(at + 1, own.size()).indexOf(act);
      // One phase for all of a kind.
      that(found >= 0 || own.contains(act), act + " is not in " + own);
      at = found >= 0 ? at + 1 + found : at;
    }
    for (String act : planned(plan, "stage")) {
      that(phases(trace, 2).contains(act), act + " is not in " + phases(trace, 2));
    }
    place.runtime("delete", "--force", id).run().ok();
  }

  private static void trace(Sandbox place) throws Exception {
    TellCases.ours(place, NO_PEER);
    place.args("sleep", "100");
    traceOf(place);
    place.config(config -> {
      Sandbox.namespaces(config).addObject().put("type", "time");
      config.withObject("/linux/timeOffsets/monotonic").put("secs", 100000);
    });
    traceOf(place);
  }

  private static void traceAdds(Sandbox place) throws Exception {
    TellCases.ours(place, NO_PEER);
    place.args("sleep", "100");
    String file = place.folder().resolve("trace.json").toString();
    String id = place.container();
    LifecycleCases.detached(place, "--trace", file, "create", id);
    place.runtime("--trace", file, "start", id).run().ok();
    place.runtime("--trace", file, "exec", id, "true").run().ok();
    place.runtime("--trace", file, "delete", "--force", id).run().ok();
    JsonNode trace = JSON.readTree(Path.of(file).toFile());
    List<String> names = phases(trace, 1);
    int last = -1;
    for (String name : List.of("make process", "open gate", "run program", "remove cgroups")) {
      that(names.indexOf(name) > last, name + " in " + names);
      last = names.indexOf(name);
    }
    that(phases(trace, 3).contains("execute"), "no execute of exec");
    place.args("true");
    place.runtime("--trace", file, "run", place.container()).run().ok();
    that(JSON.readTree(Path.of(file).toFile()).size() > trace.size(), "run added nothing");
    // A failure is traced as far as it came.
    place.config(config -> Sandbox.mount(config, "/data", "bind", "/not/there", "rbind"));
    Files.delete(Path.of(file));
    place.runtime("--trace", file, "run", place.container()).run().code(1);
    List<String> inside = phases(JSON.readTree(Path.of(file).toFile()), 3);
    equal("bind mount", inside.get(inside.size() - 1), "the last phase");
  }

  private static void traceLeaks(Sandbox place) throws Exception {
    TellCases.ours(place, NO_PEER);
    Path file = place.folder().resolve("trace.json");
    place.script("ls -l /proc/self/fd; ls /proc/self/fd | wc -l; grep -c . /proc/self/maps");
    String plain = place.run().ok().out();
    String traced =
        place.runtime("--trace", file.toString(), "run", place.container()).run().ok().out();
    equal(plain.lines().count(), traced.lines().count(), "the number of descriptors");
    that(!traced.contains("trace"), traced);
    String id = place.container();
    LifecycleCases.detached(place.args("sleep", "100"), "--trace", file.toString(), "create", id);
    long pid = TellCases.json(place.runtime("state", id).run().ok()).path("pid").asLong();
    try (var links = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      for (Path link : links.toList()) {
        that(!Files.readSymbolicLink(link).equals(file), "the container's process holds it");
      }
    }
  }

  private static void noTrace(Sandbox place) {
    TellCases.ours(place, NO_PEER);
    String id = place.container();
    place.runtime("--trace", "/not/there/trace", "create", id).run().code(1).says("/not/there");
    place.runtime("state", id).run().code(1);
  }
}
