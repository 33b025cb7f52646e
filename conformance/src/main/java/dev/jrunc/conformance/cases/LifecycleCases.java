package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The commands and what they do to a container's life. */
final class LifecycleCases {
  private static final ObjectMapper JSON = new ObjectMapper();

  private LifecycleCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("run gives the program's output and exit code", "runc run", LifecycleCases::run),
        Case.of("run gives 128 and the signal's number", "runc run", LifecycleCases::killed),
        Case.of("run deletes the container at the end", "runc run", LifecycleCases::runDeletes),
        Case.of("run --keep keeps it", "runc run", LifecycleCases::keep),
        Case.of("run --detach comes back at once", "runc run", LifecycleCases::detach),
        Case.of("create, start, kill, delete", "runtime.md Lifecycle", LifecycleCases::life),
        Case.of("state has every required field", "runtime.md State", LifecycleCases::state),
        Case.of("start runs nothing before it", "runtime.md Start", LifecycleCases::startGate),
        Case.of("start twice fails", "runtime.md Start", LifecycleCases::startTwice),
        Case.of("start of a stopped container fails", "runtime.md Start", LifecycleCases::late),
        Case.of("delete of a running container fails", "runtime.md Delete", LifecycleCases::busy),
        Case.of(
            "delete of a created container ends it", "runc delete", LifecycleCases::deleteCreated),
        Case.of("delete --force of a missing one is fine", "runc delete", LifecycleCases::missing),
        Case.of("kill takes names and numbers", "runc kill", LifecycleCases::signals),
        Case.of("a created container ends by TERM", "runc kill", LifecycleCases::endCreated),
        Case.of("kill of a stopped container fails", "runtime.md Kill", LifecycleCases::killLate),
        Case.of("pid file holds the pid alone", "runc --pid-file", LifecycleCases::pidFile),
        Case.of("list shows containers as table and JSON", "runc list", LifecycleCases::list),
        Case.of("list of nothing is null in JSON", "runc list", LifecycleCases::listNothing),
        Case.of("pause and resume", "runc pause", LifecycleCases::pause),
        Case.of("ps lists the processes as JSON", "runc ps", LifecycleCases::ps),
        Case.of("exec runs one more program", "runc exec", LifecycleCases::exec),
        Case.of("exec takes user, folder and variables", "runc exec", LifecycleCases::execAs),
        Case.of("exec reads a process from a file", "runc exec", LifecycleCases::execFile),
        Case.of("exec --detach comes back at once", "runc exec", LifecycleCases::execDetached),
        Case.of("exec sees the container's namespaces", "runc exec", LifecycleCases::execInside),
        Case.of("spec refuses to overwrite", "runc spec", LifecycleCases::specTwice),
        Case.of("help and version end well", "runc --help", LifecycleCases::help));
  }

  private static void run(Sandbox place) {
    Command.Outcome outcome = place.script("echo hello; exit 7").run();
    equal("hello\n", outcome.out(), "the output");
    equal(7, outcome.code(), "the exit code");
  }

  private static void killed(Sandbox place) {
    // Not pid 1 of its namespace is asked: a signal without a handler does nothing there.
    place.config(config -> Sandbox.without(config, "pid"));
    equal(137, place.script("kill -9 $$").run().code(), "the exit code");
    equal(143, place.script("kill -15 $$").run().code(), "the exit code");
  }

  private static void runDeletes(Sandbox place) {
    place.args("true").run().ok();
    equal("", place.runtime("list", "-q").run().ok().out(), "the list");
  }

  private static void keep(Sandbox place) {
    String id = place.container();
    place.args("true").runtime("run", "--keep", id).run().ok();
    equal("stopped", status(place, id), "the status");
  }

  private static void detach(Sandbox place) {
    String id = running(place);
    equal("running", status(place, id), "the status");
  }

  private static void life(Sandbox place) {
    String id = created(place.args("sleep", "100"));
    equal("created", status(place, id), "the status");
    place.runtime("start", id).run().ok();
    equal("running", status(place, id), "the status");
    place.runtime("kill", id, "KILL").run().ok();
    awaitStopped(place, id);
    place.runtime("delete", id).run().ok();
    place.runtime("state", id).run().code(1).says("does not exist");
  }

  private static void state(Sandbox place) throws Exception {
    String id = created(place.args("sleep", "100"));
    JsonNode state = JSON.readTree(place.runtime("state", id).run().ok().out());
    equal(id, state.path("id").asText(), "the id");
    equal("created", state.path("status").asText(), "the status");
    equal(place.bundle().toString(), state.path("bundle").asText(), "the bundle");
    that(state.path("pid").asInt() > 1, "no pid in " + state);
    that(!state.path("ociVersion").asText().isEmpty(), "no ociVersion in " + state);
  }

  private static void startGate(Sandbox place) throws Exception {
    String id = created(place.script("echo ran > /tmp/ran; sleep 100").config(Writable::root));
    that(!Files.exists(place.rootfs().resolve("tmp/ran")), "the program ran before start");
    place.runtime("start", id).run().ok();
    await(() -> Files.exists(place.rootfs().resolve("tmp/ran")), "the program did not run");
  }

  private static void startTwice(Sandbox place) {
    String id = running(place);
    place.runtime("start", id).run().code(1);
  }

  private static void late(Sandbox place) {
    String id = created(place.args("sleep", "100"));
    place.runtime("kill", id, "KILL").run().ok();
    awaitStopped(place, id);
    place.runtime("start", id).run().code(1);
  }

  private static void busy(Sandbox place) {
    String id = running(place);
    place.runtime("delete", id).run().code(1);
    equal("running", status(place, id), "the status");
  }

  private static void deleteCreated(Sandbox place) {
    String id = created(place.args("sleep", "100"));
    place.runtime("delete", id).run().ok();
    place.runtime("state", id).run().code(1);
  }

  private static void missing(Sandbox place) {
    place.runtime("delete", "--force", "never-there").run().ok();
    place.runtime("delete", "never-there").run().code(1).says("does not exist");
  }

  private static void signals(Sandbox place) {
    String script = "trap 'exit 9' USR1; trap 'exit 8' HUP; while true; do sleep 0.1; done";
    for (String signal : List.of("SIGUSR1", "usr1", "10")) {
      String id = running(place.script(script));
      pause(300);
      place.runtime("kill", id, signal).run().ok();
      awaitStopped(place, id);
      place.runtime("delete", id).run().ok();
    }
  }

  private static void endCreated(Sandbox place) throws Exception {
    for (String signal : List.of("TERM", "INT", "HUP")) {
      String id = created(place.args("sleep", "100"));
      place.runtime("kill", id, signal).run().ok();
      awaitStopped(place, id);
      place.runtime("delete", id).run().ok();
    }
  }

  private static void killLate(Sandbox place) {
    String id = created(place.args("sleep", "100"));
    place.runtime("kill", id, "KILL").run().ok();
    awaitStopped(place, id);
    place.runtime("kill", id, "TERM").run().code(1).says("not running");
  }

  private static void pidFile(Sandbox place) throws Exception {
    String id = place.container();
    Path file = place.folder().resolve("pid");
    place.args("sleep", "100");
    detached(place, "create", "--pid-file", file.toString(), id);
    String text = Files.readString(file);
    that(text.matches("[0-9]+"), "the pid file holds \"" + text + "\"");
    that(place.runtime("state", id).run().ok().out().contains(text), "another pid in the state");
  }

  private static void list(Sandbox place) throws Exception {
    String id = running(place);
    String table = place.runtime("list").run().ok().out();
    String heads = table.lines().findFirst().orElse("").replaceAll(" +", " ").strip();
    equal("ID PID STATUS BUNDLE CREATED OWNER", heads, "the heads of the columns");
    contains(table, id);
    JsonNode all = JSON.readTree(place.runtime("list", "--format", "json").run().ok().out());
    equal(1, all.size(), "the number of containers");
    equal("running", all.path(0).path("status").asText(), "the status");
    equal(id + "\n", place.runtime("list", "--quiet").run().ok().out(), "the ids");
  }

  private static void listNothing(Sandbox place) {
    // runc 1.1.5 takes a root folder that is not there for an empty one; runc 1.3 and we do not.
    makeFolder(place.folder().resolve("state"));
    equal("null", place.runtime("list", "-f", "json").run().ok().out().trim(), "the list");
  }

  private static void makeFolder(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void pause(Sandbox place) {
    String id = running(place);
    place.runtime("pause", id).run().ok();
    equal("paused", status(place, id), "the status");
    place.runtime("exec", id, "true").run().code(255);
    place.runtime("resume", id).run().ok();
    equal("running", status(place, id), "the status");
  }

  private static void ps(Sandbox place) throws Exception {
    String id = running(place);
    JsonNode pids = JSON.readTree(place.runtime("ps", "-f", "json", id).run().ok().out());
    equal(1, pids.size(), "the number of processes");
  }

  private static void exec(Sandbox place) {
    String id = running(place);
    Command.Outcome outcome =
        place.runtime("exec", id, "sh", "-c", "echo out; echo err >&2; exit 3").run();
    equal("out\n", outcome.out(), "the output");
    equal("err\n", outcome.err(), "the errors");
    equal(3, outcome.code(), "the exit code");
  }

  private static void execAs(Sandbox place) {
    String id = running(place);
    String script = "echo $(id -u):$(id -g) $(pwd) $COLOUR";
    Command.Outcome outcome =
        place
            .runtime(
                "exec",
                "--user",
                "1000:1000",
                "--cwd",
                "/tmp",
                "--env",
                "COLOUR=red",
                id,
                "sh",
                "-c",
                script)
            .run()
            .ok();
    equal("1000:1000 /tmp red\n", outcome.out(), "the output");
  }

  private static void execFile(Sandbox place) throws Exception {
    String id = running(place);
    Path file = place.folder().resolve("process.json");
    Files.writeString(
        file,
        "{\"args\":[\"sh\",\"-c\",\"echo $A\"],\"cwd\":\"/\",\"env\":[\"A=b\",\"PATH=/bin\"],"
            + "\"user\":{\"uid\":0,\"gid\":0}}");
    Command.Outcome outcome = place.runtime("exec", "--process", file.toString(), id).run().ok();
    equal("b\n", outcome.out(), "the output");
  }

  private static void execDetached(Sandbox place) throws Exception {
    String id = running(place);
    Path file = place.folder().resolve("exec.pid");
    detached(place, "exec", "--detach", "--pid-file", file.toString(), id, "sleep", "50");
    that(Files.exists(Path.of("/proc", Files.readString(file))), "the process is not there");
  }

  private static void execInside(Sandbox place) {
    String id = running(place);
    String script = "readlink /proc/self/ns/pid; readlink /proc/1/ns/pid; hostname";
    String[] lines = place.runtime("exec", id, "sh", "-c", script).run().ok().out().split("\n");
    equal(lines[1], lines[0], "the pid namespace");
    equal("runc", lines[2], "the hostname");
  }

  private static void specTwice(Sandbox place) {
    place.runtime("spec").run().code(1).says("exists");
  }

  private static void help(Sandbox place) {
    place.runtime("--help").run().ok().says("USAGE");
    place.runtime("run", "--help").run().ok().says("--bundle");
    place.runtime("--version").run().ok().says("spec: 1.");
  }

  static String created(Sandbox place) {
    String id = place.container();
    detached(place, "create", id);
    return id;
  }

  static String running(Sandbox place) {
    String id = place.container();
    detached(place.config(LifecycleCases::sleepUnlessSet), "run", "--detach", id);
    return id;
  }

  static void sleepUnlessSet(com.fasterxml.jackson.databind.node.ObjectNode config) {
    var args = config.withObject("/process").withArray("/args");
    if (args.size() == 1 && args.get(0).asText().equals("sh")) {
      args.removeAll().add("sleep").add("100");
    }
  }

  // Through files: what stays behind keeps the streams it was given, and a pipe would never end.
  static void detached(Sandbox place, String... words) {
    Command plain = place.runtime(words);
    plain.intoFile(place.folder().resolve("detached.log")).run().ok();
  }

  static String status(Sandbox place, String id) {
    try {
      return JSON.readTree(place.runtime("state", id).run().ok().out()).path("status").asText();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  static void awaitStopped(Sandbox place, String id) {
    await(() -> status(place, id).equals("stopped"), "the container did not stop");
  }

  /** Something that becomes true. */
  interface Condition {
    boolean holds() throws Exception;
  }

  static void await(Condition condition, String otherwise) {
    try {
      for (int i = 0; i < 100; i++) {
        if (condition.holds()) {
          return;
        }
        pause(50);
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    that(false, otherwise);
  }

  static void pause(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
