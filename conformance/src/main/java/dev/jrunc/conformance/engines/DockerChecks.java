package dev.jrunc.conformance.engines;

import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.engines.Option.Words;
import java.util.ArrayList;
import java.util.List;

/** What only Docker does. */
final class DockerChecks {
  private DockerChecks() {}

  static List<Check<? super Docker>> all() {
    List<Check<? super Docker>> all = new ArrayList<>(SharedChecks.all());
    all.addAll(ConfinementChecks.all());
    all.addAll(EverydayChecks.all());
    all.addAll(SettingChecks.all());
    all.addAll(own());
    return all;
  }

  private static List<Check<Docker>> own() {
    return List.of(
        new Check<>("the runtime is the one of daemon.json", DockerChecks::runtime),
        new Check<>("health is asked for and told", DockerChecks::health),
        new Check<>("exec beside the client", DockerChecks::execDetached),
        new Check<>("events and inspect tell that memory ran out", DockerChecks::events),
        new Check<>("user namespaces for all", DockerChecks::userNamespace),
        new Check<>("a container outlives the daemon", DockerChecks::liveRestore));
  }

  private static void runtime(Place<Docker> place) {
    equal(
        "tested",
        place.engine().client("info", "--format", "{{.DefaultRuntime}}").run().ok().out().trim(),
        "the default runtime");
    equal(
        "tested",
        place.engine().inspect(place.waiting(), "{{.HostConfig.Runtime}}"),
        "the container's runtime");
  }

  private static void health(Place<Docker> place) throws Exception {
    String id =
        place.waiting(
            Words.of(
                "--health-cmd",
                "test -e /tmp/well",
                "--health-interval",
                "200ms",
                "--health-retries",
                "1"));
    Waiting.until(() -> healthOf(place, id).equals("unhealthy"), "not unhealthy");
    place.engine().exec(id, List.of(), "touch", "/tmp/well").run().ok();
    Waiting.until(() -> healthOf(place, id).equals("healthy"), "not healthy");
  }

  private static String healthOf(Place<Docker> place, String id) {
    return place.engine().inspect(id, "{{.State.Health.Status}}");
  }

  private static void execDetached(Place<Docker> place) throws Exception {
    String id = place.waiting();
    place.engine().exec(id, List.of(Words.of("-d")), "touch", "/tmp/done").run().ok();
    Waiting.until(
        () -> place.engine().exec(id, List.of(), "test", "-e", "/tmp/done").run().code() == 0,
        "it was not done");
  }

  private static void events(Place<Docker> place) throws Exception {
    // Another container's, since the daemon keeps 256 events and may tell of as many shortages.
    awaitEvents(place, place.waiting(), "create", "start");
    String greedy = "x=$(head -c 200000000 /dev/zero | tr '\\0' x)";
    String id = place.container();
    place.engine().start(id, List.of(new Option.Memory(32L << 20)), "sh", "-c", greedy).run().ok();
    place.engine().exitCode(id);
    awaitEvents(place, id, "oom", "die");
    equal("true", place.engine().inspect(id, "{{.State.OOMKilled}}"), "OOMKilled");
  }

  private static void awaitEvents(Place<Docker> place, String id, String... events)
      throws Exception {
    for (String event : events) {
      Waiting.until(
          () -> eventsOf(place, id).contains(event + "\n"),
          "no " + event + " in\n" + eventsOf(place, id));
    }
  }

  private static String eventsOf(Place<Docker> place, String id) {
    return place
        .engine()
        .client(
            "events",
            "--since",
            "1m",
            "--until",
            "0s",
            "--filter",
            "container=" + id,
            "--format",
            "{{.Action}}")
        .run()
        .ok()
        .out();
  }

  private static void userNamespace(Place<Docker> place) throws Exception {
    ObjectNode settings = new ObjectMapper().createObjectNode().put("userns-remap", "default");
    try (Docker remapped = place.engine().another(settings)) {
      String id = "remapped";
      remapped.start(id, List.of(), "sh", "-c", "trap 'exit 0' TERM; sleep 1000 & wait").run().ok();
      equal("root\n", remapped.exec(id, List.of(), "id", "-un").run().ok().out(), "inside");
      String uids = Processes.status(remapped.pid(id), "Uid");
      that(!uids.startsWith("0"), "outside it is " + uids);
      remapped.remove(id);
    }
  }

  private static void liveRestore(Place<Docker> place) throws Exception {
    ObjectNode settings = new ObjectMapper().createObjectNode().put("live-restore", true);
    try (Docker restored = place.engine().another(settings)) {
      String id = "restored";
      restored.start(id, List.of(), "sh", "-c", "trap 'exit 5' TERM; sleep 1000 & wait").run().ok();
      int pid = restored.pid(id);
      restored.crash();
      equal("running", restored.status(id), "the status");
      equal(pid, restored.pid(id), "the process");
      restored.exec(id, List.of(), "true").run().ok();
      restored.kill(id, "TERM");
      equal(5, restored.exitCode(id), "the exit code");
      restored.remove(id);
    }
  }
}
