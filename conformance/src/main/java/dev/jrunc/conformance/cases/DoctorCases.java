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
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the runtime says about this host and this user, and whether containers agree. */
final class DoctorCases {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A user namespace of the user's own, in which nobody may make another. */
  private static final String[] WITHOUT_NAMESPACES = {
    "unshare",
    "--user",
    "--map-current-user",
    "--keep-caps",
    "sh",
    "-c",
    "echo 0 >/proc/sys/user/max_user_namespaces && exec \"$@\"",
    "sh"
  };

  private DoctorCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("doctor says the same to people and to programs", "ours", DoctorCases::forRoot),
        Case.of("doctor tells an ordinary user apart", "ours", DoctorCases::forUser),
        Case.of("doctor and run name what is switched off", "ours", DoctorCases::switchedOff));
  }

  private static void ours(Sandbox place) {
    assume(!place.isRunc(), "runc has no such command");
  }

  /** The status of each check; fails unless the text says the same and everything has its mend. */
  private static Map<String, String> checks(Command.Outcome json, Command.Outcome text)
      throws IOException {
    JsonNode document = JSON.readTree(json.out());
    equal(json.code(), text.code(), "the exit code of the text");
    equal(document.path("runnable").asBoolean(), json.code() == 0, "whether containers run");
    Map<String, String> statuses = new HashMap<>();
    StringBuilder lines = new StringBuilder();
    for (JsonNode check : document.path("checks")) {
      String status = check.path("status").asText();
      String mend = check.path("mend").asText();
      equal(status.equals("ok"), mend.isEmpty(), "whether nothing is to be done for " + check);
      statuses.put(check.path("name").asText(), status);
      lines.append(status).append(" ".repeat(9 - status.length()));
      lines.append(check.path("name").asText()).append(": ").append(check.path("what").asText());
      lines.append(mend.isEmpty() ? "\n" : "\n  mend: " + mend + "\n");
    }
    that(text.out().startsWith(lines.toString()), "not as JSON says:\n" + text.out() + lines);
    return statuses;
  }

  private static void forRoot(Sandbox place) throws IOException {
    ours(place);
    Map<String, String> found =
        checks(
            place.runtime("doctor", "--json").run().code(0), place.runtime("doctor").run().code(0));
    equal("ok", String.valueOf(found.get("kernel")), "the kernel");
    equal("ok", String.valueOf(found.get("cgroup limits")), "the cgroups");
    that(found.containsKey("capabilities") && !found.containsKey("uid ranges"), "as for a user");
    Command.Outcome outcome =
        Command.of(
                place.runtimePath().toString(),
                "--root",
                place.folder() + "/nowhere/state",
                "doctor")
            .run()
            .ok();
    contains(outcome.out(), "root can run containers here");
    that(!Files.exists(place.folder().resolve("nowhere")), "it made the folder for the state");
    String state = place.bundle() + "/config.json/below-a-file";
    outcome = Command.of(place.runtimePath().toString(), "--root", state, "doctor").run().code(1);
    contains(outcome.out(), "missing  state: no state can be kept in " + state + "\n  mend: ");
    contains(outcome.out(), "root cannot run containers here; 1 missing");
  }

  private static void forUser(Sandbox place) throws IOException {
    ours(place);
    RootlessCases.prepare(place, "true");
    Map<String, String> found =
        checks(
            RootlessCases.runtime(place, "doctor", "--json").run(),
            RootlessCases.runtime(place, "doctor").run());
    boolean tool = Files.exists(Path.of("/usr/bin/newuidmap"));
    equal(tool ? "ok" : "limited", String.valueOf(found.get("uid ranges")), "the ranges of ids");
    that(!found.containsKey("capabilities"), "the user is judged as root");
    boolean runs = RootlessCases.runtime(place, "run", place.container()).run().code() == 0;
    equal(runs, !found.containsValue("missing"), "whether a container runs");
  }

  private static void switchedOff(Sandbox place) throws IOException {
    ours(place);
    RootlessCases.prepare(place, "true");
    String program = RootlessCases.program(place).toString();
    Command.Outcome told = within(place, program, "doctor").code(1);
    contains(told.out(), "missing  user namespaces: user.max_user_namespaces is 0");
    contains(told.out(), "mend: as root: sysctl -w user.max_user_namespaces=");
    Command.Outcome run = within(place, program, "run", place.container()).code(1);
    run.says("no space left on device").says("max_user_namespaces");
    that(Files.notExists(place.folder().resolve("session/" + place.container())), "state is left");
  }

  private static Command.Outcome within(Sandbox place, String... words) throws IOException {
    return RootlessCases.asUser(place, "", Command.words(List.of(WITHOUT_NAMESPACES), words)).run();
  }
}
