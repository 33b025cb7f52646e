package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the runtime says about itself, about a bundle, and about what went wrong. */
final class TellCases {
  private static final ObjectMapper JSON = new ObjectMapper();

  private TellCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("features prints what the runtime can do", "features.md", TellCases::features),
        Case.of("features needs no privilege", "features.md", TellCases::unprivileged),
        Case.of("validate finds nothing in a good bundle", "ours", TellCases::goodBundle),
        Case.of("validate names everything that is wrong", "ours", TellCases::everythingWrong),
        Case.of("validate knows what this host lacks", "ours", TellCases::hostLacks),
        Case.of("validate judges what cannot be read", "ours", TellCases::unreadable),
        Case.of("validate needs no privilege", "ours", TellCases::validateUnprivileged),
        Case.of("plan lists the steps of each process", "ours", TellCases::plan),
        Case.of("plan has no effect and needs no privilege", "ours", TellCases::planUnprivileged),
        Case.of("plan refuses what create refuses", "ours", TellCases::planRefuses));
  }

  // What no peer has is only asked of ours.
  static void ours(Sandbox place, String reason) {
    assume(!place.isRunc(), reason);
  }

  static JsonNode json(Command.Outcome outcome) throws IOException {
    return JSON.readTree(outcome.out());
  }

  private static void features(Sandbox place) throws Exception {
    ours(place, "runc 1.1.5 has its features in an older form");
    JsonNode features = json(place.runtime("features").run().ok());
    equal("1.3.0", features.path("ociVersionMax").asText(), "the newest version");
    equal(6, features.path("hooks").size(), "the kinds of hooks");
    equal(8, features.at("/linux/namespaces").size(), "the kinds of namespaces");
    that(features.at("/linux/seccomp/enabled").asBoolean(), "seccomp is off");
    that(features.path("mountOptions").toString().contains("\"rro\""), "no recursive options");
  }

  private static void unprivileged(Sandbox place) throws Exception {
    ours(place, "runc 1.1.5 refuses to run for a user without XDG_RUNTIME_DIR");
    Command.Outcome outcome =
        Command.of(
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                place.runtimePath().toString(),
                "features")
            .run()
            .ok();
    that(json(outcome).has("linux"), "no document");
  }

  private static final String NO_PEER = "runc has no such command";

  private static JsonNode validation(Sandbox place, int code) throws IOException {
    return json(place.runtime("validate", "--json", place.bundle().toString()).run().code(code));
  }

  private static JsonNode finding(JsonNode validation, String pointer) {
    for (JsonNode finding : validation.path("findings")) {
      if (finding.path("pointer").asText().equals(pointer)) {
        return finding;
      }
    }
    throw new IllegalStateException("nothing on " + pointer + " in " + validation);
  }

  private static void goodBundle(Sandbox place) throws Exception {
    ours(place, NO_PEER);
    JsonNode validation = validation(place, 0);
    that(validation.path("valid").asBoolean() && validation.path("runnable").asBoolean(), "no");
    equal(0, validation.path("findings").size(), "the number of findings");
    place.runtime("validate").run().ok().says("valid, and this host has what it asks for");
  }

  private static void everythingWrong(Sandbox place) throws Exception {
    ours(place, NO_PEER);
    place.config(config -> {
      config.withObject("/process").put("cwd", "relative");
      config.withObject("/process").put("oomScoreAdj", 5000);
      config.withObject("/linux").put("sysctls", 1);
      Sandbox.mount(config, "/data", "bind", "/etc", "rbind", "data=journal");
    });
    JsonNode validation = validation(place, 1);
    that(!validation.path("valid").asBoolean(), "it is called valid");
    for (String pointer : List.of("/process/cwd", "/process/oomScoreAdj", "/linux/sysctls")) {
      JsonNode finding = finding(validation, pointer);
      that(finding.path("line").asInt() > 1 && finding.path("column").asInt() > 1, "no place");
    }
    contains(finding(validation, "/linux/sysctls").toString(), "did you mean");
    that(!validation.path("hostChecked").asBoolean(), "unread values were judged");
    place.config(config -> config.withObject("/process").put("oomScoreAdj", 500));
    // The rule of the cwd is broken, but every value could be read: the rest is looked at too.
    validation = validation(place, 1);
    that(validation.path("hostChecked").asBoolean(), "the host was not looked at");
    equal("violation", finding(validation, "/process/cwd").path("kind").asText(), "the kind");
    contains(validation.toString(), "filesystem-specific");
    Command.Outcome text = place.runtime("validate", place.bundle().toString()).run().code(1);
    contains(text.out(), "config.json:");
    contains(text.out(), "/process/cwd: Cwd must be an absolute path");
  }

  private static void hostLacks(Sandbox place) throws Exception {
    ours(place, NO_PEER);
    place.config(config -> {
      config.withObject("/root").put("path", "nowhere");
      config.withObject("/process").put("apparmorProfile", "docker-default");
      Sandbox.mount(config, "/data", "bind", "/not/there", "rbind");
      config.withObject("/hooks").withArray("/poststop").addObject().put("path", "/not/a/hook");
      Sandbox.namespaces(config).addObject().put("type", "user").put("path", "/proc/0/ns/user");
      ObjectNode seccomp = config.withObject("/linux/seccomp");
      seccomp
          .put("defaultAction", "SCMP_ACT_ALLOW")
          .putArray("syscalls")
          .addObject()
          .put("action", "SCMP_ACT_ERRNO")
          .putArray("names")
          .add("no_such_call");
      seccomp.putArray("architectures").add("SCMP_ARCH_SHEB");
    });
    JsonNode validation = validation(place, 1);
    that(validation.path("valid").asBoolean(), "a lack of the host is no violation");
    for (String pointer :
        List.of(
            "/root/path",
            "/process/apparmorProfile",
            "/hooks/poststop/0/path",
            "/linux/seccomp/architectures/0")) {
      that(!finding(validation, pointer).path("kind").asText().equals("note"), pointer);
    }
    contains(finding(validation, "/linux/seccomp/syscalls/0/names").toString(), "no_such_call");
    contains(validation.toString(), "the source \\\"/not/there\\\" of the mount does not exist");
    contains(validation.toString(), "there is no namespace at");
  }

  private static void unreadable(Sandbox place) throws Exception {
    ours(place, NO_PEER);
    Path config = place.bundle().resolve("config.json");
    Files.writeString(config, "{\n\"ociVersion\": oops}");
    JsonNode finding = validation(place, 1).path("findings").path(0);
    equal(2, finding.path("line").asInt(), "the line");
    Files.delete(config);
    contains(validation(place, 1).toString(), "config.json not found");
  }

  private static void validateUnprivileged(Sandbox place) throws Exception {
    ours(place, NO_PEER);
    Command.of("chmod", "-R", "a+rX", place.folder().toString()).run().ok();
    String runtime = place.runtimePath().toString();
    Command.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", runtime, "validate")
        .in(place.bundle())
        .run()
        .ok();
  }

  private static void plan(Sandbox place) throws Exception {
    ours(place, NO_PEER);
    JsonNode processes =
        json(place.runtime("plan", "--json", place.bundle().toString()).run().ok())
            .path("processes");
    equal("create", processes.path(0).path("process").asText(), "the first process");
    equal("container", processes.path(1).path("process").asText(), "the second process");
    JsonNode steps = processes.path(1).path("steps");
    equal("execute", steps.path(steps.size() - 1).path("step").asText(), "the last step");
    for (JsonNode step : steps) {
      that(!step.path("reason").asText().isEmpty(), "no reason in " + step);
    }
    // A joined pid namespace takes one process more.
    place.config(config -> {
      Sandbox.without(config, "pid");
      Sandbox.namespaces(config).addObject().put("type", "pid").put("path", "/proc/1/ns/pid");
    });
    contains(place.runtime("plan").run().ok().out(), "stage (a short-lived process between them)");
  }

  private static void planUnprivileged(Sandbox place) throws Exception {
    ours(place, NO_PEER);
    Command.of("chmod", "-R", "a+rX", place.folder().toString()).run().ok();
    String runtime = place.runtimePath().toString();
    String out =
        Command.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", runtime, "plan")
            .in(place.bundle())
            .run()
            .ok()
            .out();
    contains(out, "pivot root");
    that(!Files.exists(place.folder().resolve("state")), "it made the state folder");
  }

  private static void planRefuses(Sandbox place) throws Exception {
    ours(place, NO_PEER);
    place.config(config -> config.withObject("/process").put("cwd", "relative"));
    place.runtime("plan").run().code(1).says("/process/cwd");
  }
}
