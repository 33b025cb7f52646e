package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.harness.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Stopping a container and letting it go on. */
final class ControlCases {
  private ControlCases() {}

  static List<Case> all() {
    return List.of(
        Case.of(
            "pause stops the processes, resume lets them go on", "runc pause", ControlCases::stops),
        Case.of("a created container can be paused", "runc pause", ControlCases::pauseCreated),
        Case.of("pause of a paused container fails", "runc pause", ControlCases::pauseTwice),
        Case.of("resume of a running container fails", "runc resume", ControlCases::resumeRunning),
        Case.of("pause and resume of a stopped one fail", "runc pause", ControlCases::pauseStopped),
        Case.of("pause and resume of a missing one fail", "runc pause", ControlCases::pauseMissing),
        Case.of("kill KILL ends a paused container", "runc kill", ControlCases::killPaused),
        Case.of("kill KILL needs no config", "ours", ControlCases::killWithout),
        Case.of("other signals wait for resume", "runc kill", ControlCases::signalPaused),
        Case.of("delete names the status paused", "runc delete", ControlCases::deletePaused),
        Case.of("delete --force ends a paused one", "runc delete", ControlCases::forcePaused),
        Case.of("pause and resume take one argument", "runc pause", ControlCases::oneArgument));
  }

  private static void stops(Sandbox place) throws Exception {
    place.config(Writable::root);
    String id =
        LifecycleCases.running(place.script("while true; do echo x >> /tmp/n; sleep 0.02; done"));
    Path counter = place.rootfs().resolve("tmp/n");
    LifecycleCases.await(() -> Files.exists(counter), "the program does not count");
    place.runtime("pause", id).run().ok();
    equal("paused", LifecycleCases.status(place, id), "the status");
    long before = Files.size(counter);
    LifecycleCases.pause(200);
    equal(before, Files.size(counter), "the count while paused");
    place.runtime("resume", id).run().ok();
    equal("running", LifecycleCases.status(place, id), "the status");
    LifecycleCases.await(() -> Files.size(counter) > before, "the program does not go on");
  }

  private static void pauseCreated(Sandbox place) {
    String id = LifecycleCases.created(place.args("sleep", "100"));
    place.runtime("pause", id).run().ok();
    equal("paused", LifecycleCases.status(place, id), "the status");
    place.runtime("start", id).run().code(1).says("paused state");
    place.runtime("resume", id).run().ok();
    equal("created", LifecycleCases.status(place, id), "the status");
    place.runtime("start", id).run().ok();
    equal("running", LifecycleCases.status(place, id), "the status");
  }

  private static void killWithout(Sandbox place) throws Exception {
    assume(!place.isRunc(), "runc keeps no config apart");
    for (String config : new String[] {"{\"ociVersion\": 7", null}) {
      String id = LifecycleCases.running(place);
      Path kept = place.folder().resolve("state").resolve(id).resolve("config.json");
      if (config == null) {
        Files.delete(kept);
      } else {
        Files.writeString(kept, config);
      }
      place.runtime("kill", id, "KILL").run().ok();
      LifecycleCases.awaitStopped(place, id);
    }
  }

  private static String paused(Sandbox place) {
    String id = LifecycleCases.running(place);
    place.runtime("pause", id).run().ok();
    return id;
  }

  private static void pauseTwice(Sandbox place) {
    String id = paused(place);
    place.runtime("pause", id).run().code(1).says("container not running");
    equal("paused", LifecycleCases.status(place, id), "the status");
  }

  private static void resumeRunning(Sandbox place) {
    String id = LifecycleCases.running(place);
    place.runtime("resume", id).run().code(1).says("container not paused");
  }

  private static void pauseStopped(Sandbox place) {
    String id = LifecycleCases.running(place);
    place.runtime("kill", id, "KILL").run().ok();
    LifecycleCases.awaitStopped(place, id);
    place.runtime("pause", id).run().code(1).says("container not running");
    place.runtime("resume", id).run().code(1).says("container not paused");
  }

  private static void pauseMissing(Sandbox place) {
    for (String command : List.of("pause", "resume")) {
      place.runtime(command, "never-there").run().code(1).says("container does not exist");
    }
  }

  private static void killPaused(Sandbox place) {
    String id = paused(place);
    place.runtime("kill", id, "KILL").run().ok();
    LifecycleCases.awaitStopped(place, id);
  }

  private static void signalPaused(Sandbox place) {
    String id =
        LifecycleCases.running(place.script("trap 'exit 0' TERM; while true; do sleep 0.05; done"));
    LifecycleCases.pause(300);
    place.runtime("pause", id).run().ok();
    place.runtime("kill", id, "TERM").run().ok();
    LifecycleCases.pause(200);
    equal("paused", LifecycleCases.status(place, id), "the status");
    place.runtime("resume", id).run().ok();
    LifecycleCases.awaitStopped(place, id);
  }

  private static void deletePaused(Sandbox place) {
    String id = paused(place);
    place.runtime("delete", id).run().code(1).says("that is not stopped: paused");
  }

  private static void forcePaused(Sandbox place) {
    String id = paused(place);
    place.runtime("delete", "--force", id).run().ok();
    place.runtime("state", id).run().code(1);
  }

  private static void oneArgument(Sandbox place) {
    for (String command : List.of("pause", "resume")) {
      that(place.runtime(command).run().code() == 1, command + " without a container ends well");
      place.runtime(command, "a", "b").run().code(1);
    }
  }
}
