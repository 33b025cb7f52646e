package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jrunc.conformance.harness.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Bad input: what it says, how it ends, and that nothing is left; the place checks the last. */
final class ErrorCases {
  private ErrorCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("no config.json", "runc run", ErrorCases::noConfig),
        Case.of("config.json that is no JSON", "runc run", ErrorCases::notJson),
        Case.of("every violation is named with its pointer", "ours", ErrorCases::violations),
        Case.of("an unknown namespace type", "config-linux.md", ErrorCases::namespace),
        Case.of("a mount on a missing source", "runc run", ErrorCases::mountSource),
        Case.of("a program that is not there", "runc, docker", ErrorCases::program),
        Case.of("a program that may not be executed", "runc, docker", ErrorCases::notExecutable),
        Case.of("a missing program in exec gives 255", "runc exec", ErrorCases::execProgram),
        Case.of("a rootfs that is not there", "runc run", ErrorCases::rootfs),
        Case.of("an id that exists", "runtime.md Create", ErrorCases::duplicate),
        Case.of("an id that is no name", "runc", ErrorCases::badId),
        Case.of("two creates of one id: one wins", "runtime.md Create", ErrorCases::race),
        Case.of("a missing container", "runc", ErrorCases::missing),
        Case.of("the log has one error line in JSON", "containerd", ErrorCases::jsonLog),
        Case.of("an unknown flag and a missing argument", "runc", ErrorCases::usage),
        Case.of("a console socket without a terminal", "runc", ErrorCases::console));
  }

  private static void noConfig(Sandbox place) throws Exception {
    Files.delete(place.bundle().resolve("config.json"));
    place.run().code(1).says("config.json");
  }

  private static void notJson(Sandbox place) throws Exception {
    Files.writeString(place.bundle().resolve("config.json"), "{\n\"ociVersion\": oops}");
    place.run().code(1);
  }

  private static void violations(Sandbox place) {
    ours(place);
    place.config(config -> {
      config.withObject("/process").put("cwd", "relative");
      config.withObject("/process").put("oomScoreAdj", 5000);
      config.withObject("/linux").put("rootfsPropagation", "upwards");
    });
    String said = place.run().code(1).all();
    contains(said, "/process/cwd");
    contains(said, "/process/oomScoreAdj");
    contains(said, "/linux/rootfsPropagation");
  }

  private static void namespace(Sandbox place) {
    place.config(config -> Sandbox.namespaces(config).addObject().put("type", "netwrk"));
    place.run().code(1).says("netwrk");
  }

  private static void mountSource(Sandbox place) {
    place.config(config -> Sandbox.mount(config, "/data", "bind", "/not/there", "rbind", "ro"));
    place.run().code(1).says("/not/there").says("no such file or directory");
  }

  private static void program(Sandbox place) {
    place.args("not-a-program").run().code(1).says("executable file not found in $PATH");
    place.args("/bin/not-there").run().code(1).says("no such file or directory");
  }

  private static void notExecutable(Sandbox place) {
    place.args("/etc/passwd").run().code(1).says("permission denied");
  }

  private static void execProgram(Sandbox place) {
    String id = LifecycleCases.running(place);
    place
        .runtime("exec", id, "not-a-program")
        .run()
        .code(255)
        .says("executable file not found in $PATH");
  }

  private static void rootfs(Sandbox place) {
    place.config(config -> config.withObject("/root").put("path", "elsewhere"));
    place.run().code(1).says("elsewhere");
  }

  private static void duplicate(Sandbox place) {
    String id = LifecycleCases.running(place);
    place.runtime("run", id).run().code(1).says("container with given ID already exists");
    equal("running", LifecycleCases.status(place, id), "the status of the first");
  }

  private static void badId(Sandbox place) {
    for (String id : List.of("..", "a/b", "a b", "")) {
      place.runtime("create", id).run().code(1);
    }
    place.runtime("state", "a/b").run().code(1).says("invalid container ID format");
  }

  private static void race(Sandbox place) throws Exception {
    place.args("sleep", "100");
    String id = place.container();
    List<Callable<Integer>> attempts = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Path log = place.folder().resolve("race" + i);
      attempts.add(() -> place.runtime("create", id).intoFile(log).run().code());
    }
    int won = 0;
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (var result : threads.invokeAll(attempts)) {
        won += result.get() == 0 ? 1 : 0;
      }
    }
    dev.jrunc.conformance.harness.Expect.assume(
        !place.isRunc(), "in runc 1.1.5 all may lose, or a loser take the winner's state along");
    equal(1, won, "the number of winners");
    int told = 0;
    for (int i = 0; i < 4; i++) {
      String said = Files.readString(place.folder().resolve("race" + i));
      told += said.contains("container with given ID already exists") ? 1 : 0;
    }
    equal(3, told, "the number of losers who were told");
    equal("created", LifecycleCases.status(place, id), "the status");
  }

  private static void missing(Sandbox place) {
    for (String command : List.of("state", "start", "kill", "pause", "resume")) {
      place.runtime(command, "never-there").run().code(1).says("does not exist");
    }
  }

  private static void jsonLog(Sandbox place) throws Exception {
    Path log = place.folder().resolve("log.json");
    place.args("not-a-program");
    List<String> words =
        List.of("--log", log.toString(), "--log-format", "json", "run", place.container());
    place.runtime(words.toArray(String[]::new)).run().code(1);
    List<String> errors =
        Files.readAllLines(log).stream().filter(line -> line.contains("\"error\"")).toList();
    equal(1, errors.size(), "the number of error lines");
    JsonNode line = new ObjectMapper().readTree(errors.get(0));
    contains(line.path("msg").asText(), "executable file not found in $PATH");
    that(line.path("time").asText().contains("T"), "no time in " + line);
  }

  private static void usage(Sandbox place) {
    place.runtime("run", "--no-such-flag", "x").run().code(1).says("no-such-flag");
    place.runtime("run").run().code(1);
    place.runtime("no-such-command").run();
  }

  private static void console(Sandbox place) {
    String socket = place.folder().resolve("console.sock").toString();
    place.args("true");
    place
        .runtime("create", "--console-socket", socket, place.container())
        .run()
        .code(1)
        .says("cannot use console socket");
    place.config(config -> config.withObject("/process").put("terminal", true));
    place.runtime("create", place.container()).run().code(1).says("without setting console socket");
  }

  // What no peer does is only asked of ours.
  private static void ours(Sandbox place) {
    dev.jrunc.conformance.harness.Expect.assume(
        !place.isRunc(), "runc stops at the first violation");
  }
}
