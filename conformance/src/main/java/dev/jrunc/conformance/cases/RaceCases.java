package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.equal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.harness.Sandbox;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** Commands that are killed, that fail half-way, or that several run at once. */
final class RaceCases {
  private static final String NEWER = "ours";

  private RaceCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("a start that was killed", NEWER, RaceCases::killedStart),
        Case.of("of several starts one does it", NEWER, RaceCases::starts),
        Case.of("delete --force of what is being made", NEWER, RaceCases::beingMade),
        Case.of("what a hook leaves in the cgroup of a failed create", NEWER, RaceCases::litter));
  }

  private static void killedStart(Sandbox place) throws Exception {
    assume(!place.isRunc(), "runc 1.1.5 has another gate");
    place.config(config -> {
      ObjectNode hook = config.withObject("/hooks").withArray("/startContainer").addObject();
      hook.put("path", "/bin/sleep").putArray("args").add("sleep").add("2");
    });
    String id = LifecycleCases.created(place.args("sleep", "100"));
    Process start = place.runtime("start", id).start();
    LifecycleCases.pause(700);
    start.destroyForcibly().waitFor();
    LifecycleCases.await(
        () -> LifecycleCases.status(place, id).equals("running"), "it is said to wait for ever");
    place.runtime("start", id).run().code(1).says("cannot start an already running container");
  }

  private static void starts(Sandbox place) throws Exception {
    assume(!place.isRunc(), "runc 1.1.5 has another gate");
    String id = LifecycleCases.created(place.args("sleep", "100"));
    List<Process> all = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      all.add(place.runtime("start", id).start());
    }
    List<Integer> codes = new ArrayList<>();
    for (Process each : all) {
      codes.add(each.waitFor());
    }
    codes.sort(null);
    equal(List.of(0, 1, 1, 1, 1, 1), codes, "the exit codes");
    equal("running", LifecycleCases.status(place, id), "the status");
  }

  private static void beingMade(Sandbox place) throws Exception {
    assume(!place.isRunc(), "runc 1.1.5 saves its state before the hooks");
    place.config(config -> {
      ObjectNode hook = config.withObject("/hooks").withArray("/createRuntime").addObject();
      hook.put("path", "/bin/sleep").putArray("args").add("sleep").add("1");
    });
    String id = place.container();
    Process create =
        place
            .args("sleep", "100")
            .runtime("create", id)
            .intoFile(place.folder().resolve("create.log"))
            .start();
    LifecycleCases.await(
        () -> Files.exists(place.folder().resolve("state").resolve(id)), "nothing is made");
    place.runtime("delete", "--force", id).run().ok();
    equal(0, create.waitFor(), "the exit code of create");
    equal("", place.leftovers(List.of(id)), "what is left");
    place.runtime("state", id).run().code(1).says("does not exist");
  }

  private static void litter(Sandbox place) {
    assume(!place.isRunc(), "runc 1.1.5 leaves it");
    place.config(config -> {
      Sandbox.without(config, "pid");
      ObjectNode hook = config.withObject("/hooks").withArray("/createContainer").addObject();
      hook.put("path", "/bin/sh").putArray("args").add("sh").add("-c");
      ((com.fasterxml.jackson.databind.node.ArrayNode) hook.path("args"))
          .add("exec >/dev/null 2>&1; sleep 30 & exit 0");
    });
    String id = place.container();
    place.args("/none").runtime("create", id).run().code(1);
    equal("", place.leftovers(List.of(id)), "what is left");
  }
}
