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
import java.util.ArrayList;
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
        Case.of("plan refuses what create refuses", "ours", TellCases::planRefuses),
        Case.of(
            "a failure in create says where, on what, why and how to mend",
            "ours",
            TellCases::createFails),
        Case.of("a failure in start carries all of it", "ours", TellCases::startFails),
        Case.of("a failure in exec carries all of it", "ours", TellCases::execFails),
        Case.of("a failure says the same in text", "ours", TellCases::textFails),
        Case.of("what a failing hook printed is in the error", "ours", TellCases::hookOutput),
        Case.of("a hook that prints much neither hangs nor floods", "ours", TellCases::muchOutput),
        Case.of("trace times the steps of the plan, in its order", "ours", TellCases::trace),
        Case.of("trace takes one command after the other", "ours", TellCases::traceAdds),
        Case.of("no process of a container holds the trace", "ours", TellCases::traceLeaks),
        Case.of("a trace that cannot be written is refused first", "ours", TellCases::noTrace));
  }

  // What no peer has is only asked of ours.
  private static void ours(Sandbox place, String reason) {
    assume(!place.isRunc(), reason);
  }

  private static JsonNode json(Command.Outcome outcome) throws IOException {
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

  private static final String OWN_DETAIL = "runc's errors are sentences alone";

  /** Runs the words with a log in JSON; its last line, which must have every part of a failure. */
  private static JsonNode failure(Sandbox place, int code, String... words) throws IOException {
    Path log = place.folder().resolve("failure.json");
    Files.deleteIfExists(log);
    List<String> all = new ArrayList<>(List.of("--log", log.toString(), "--log-format", "json"));
    all.addAll(List.of(words));
    place.runtime(all.toArray(String[]::new)).run().code(code);
    List<String> lines = Files.readAllLines(log);
    JsonNode line = JSON.readTree(lines.get(lines.size() - 1));
    equal("error", line.path("level").asText(), "the level");
    for (String key : List.of("msg", "time", "code", "phase", "pointer", "path", "errno", "hint")) {
      that(line.has(key), "no " + key + " in " + line);
    }
    for (String key : List.of("msg", "time", "code", "phase", "hint")) {
      that(!line.path(key).asText().isEmpty(), "empty " + key + " in " + line);
    }
    return line;
  }

  private static void says(JsonNode line, String key, String value) {
    equal(value, line.path(key).asText(), key + " of " + line);
  }

  private static void createFails(Sandbox place) throws Exception {
    ours(place, OWN_DETAIL);
    place.config(config -> Sandbox.mount(config, "/data", "bind", "/not/there", "rbind"));
    JsonNode line = failure(place, 1, "create", place.container());
    String index = line.path("pointer").asText().replaceAll(".*/", "");
    says(line, "pointer", "/mounts/" + index);
    says(line, "path", "/data");
    says(line, "errno", "ENOENT");
    says(line, "code", "system");
    place.config(config -> config.withArray("/mounts").remove(Integer.parseInt(index)));
    place.config(config -> {
      ObjectNode limits = config.withObject("/linux/resources/memory");
      limits.put("limit", 1 << 26).put("swap", 1 << 25);
    });
    line = failure(place, 1, "create", place.container());
    contains(line.path("pointer").asText(), "/linux/resources/memory");
    place.config(config -> ((ObjectNode) config.at("/linux/resources")).remove("memory"));
    place.config(config -> config.withObject("/root").put("path", "elsewhere"));
    line = failure(place, 1, "create", place.container());
    says(line, "pointer", "/root/path");
    says(line, "errno", "ENOENT");
    place.config(config -> config.withObject("/root").put("path", "rootfs"));
    place.config(config -> {
      Sandbox.without(config, "network");
      Sandbox.namespaces(config).addObject().put("type", "network").put("path", "/not/there");
    });
    line = failure(place, 1, "create", place.container());
    says(line, "path", "/not/there");
    contains(line.path("pointer").asText(), "/linux/namespaces/");
  }

  private static void startFails(Sandbox place) throws Exception {
    ours(place, OWN_DETAIL);
    // A program that is there, and whose interpreter is not: only execve can tell.
    Path script = place.rootfs().resolve("bin/script");
    Files.writeString(script, "#!/not/there\n");
    Command.of("chmod", "755", script.toString()).run().ok();
    String id = LifecycleCases.created(place.args("/bin/script"));
    JsonNode line = failure(place, 1, "start", id);
    says(line, "phase", "execute");
    says(line, "pointer", "/process/args");
    says(line, "path", "/bin/script");
    says(line, "errno", "ENOENT");
    contains(line.path("hint").asText(), "interpreter");
    says(failure(place, 1, "start", "never-there"), "code", "not-found");
    String running = LifecycleCases.running(place.args("sleep", "100"));
    says(failure(place, 1, "start", running), "code", "wrong-status");
  }

  private static void execFails(Sandbox place) throws Exception {
    ours(place, OWN_DETAIL);
    String id = LifecycleCases.running(place);
    JsonNode line = failure(place, 255, "exec", id, "not-a-program");
    says(line, "code", "program-not-found");
    says(line, "phase", "find program");
    says(line, "pointer", "/process/args/0");
    says(line, "path", "not-a-program");
    line = failure(place, 255, "exec", "--cwd", "/not/there", id, "true");
    says(line, "pointer", "/process/cwd");
    says(line, "path", "/not/there");
    line = failure(place, 255, "exec", "--pid-file", "/not/there/pid", id, "true");
    says(line, "phase", "write pid file");
    says(line, "errno", "ENOENT");
  }

  private static void textFails(Sandbox place) {
    ours(place, OWN_DETAIL);
    place.config(config -> Sandbox.mount(config, "/data", "bind", "/not/there", "rbind"));
    String said = place.run().code(1).err();
    contains(said, "(config.json /mounts/");
    contains(said, "code: system, phase: mount, path: /data, errno: ENOENT");
    contains(said, "hint: make the source");
    String log = place.folder().resolve("text.log").toString();
    place.runtime("--log", log, "run", place.container()).run().code(1);
    try {
      contains(Files.readString(Path.of(log)), "code=system phase=\"mount\" pointer=\"/mounts/");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void hook(Sandbox place, String kind, String script) {
    place.config(config -> {
      ObjectNode hooks = config.withObject("/hooks");
      hooks.removeAll();
      ObjectNode hook = hooks.withArray("/" + kind).addObject();
      hook.put("path", "/bin/sh").putArray("args").add("sh").add("-c").add(script);
    });
  }

  private static void hookOutput(Sandbox place) throws Exception {
    ours(place, OWN_DETAIL);
    for (String kind : List.of("prestart", "createRuntime", "createContainer")) {
      hook(place, kind, "echo out; echo because >&2; exit 3");
      JsonNode line = failure(place, 1, "create", place.container());
      says(line, "code", "hook");
      says(line, "phase", "run " + kind + " hook");
      says(line, "pointer", "/hooks/" + kind + "/0");
      says(line, "path", "/bin/sh");
      contains(line.path("msg").asText(), "exit status 3");
      contains(line.path("msg").asText(), "because");
    }
    hook(place, "startContainer", "echo because >&2; exit 3");
    String id = LifecycleCases.created(place);
    contains(failure(place, 1, "start", id).path("msg").asText(), "because");
    hook(place, "poststart", "echo because >&2; exit 3");
    contains(failure(place, 1, "run", place.container()).path("msg").asText(), "because");
  }

  private static void muchOutput(Sandbox place) throws Exception {
    ours(place, OWN_DETAIL);
    hook(
        place,
        "createRuntime",
        "dd if=/dev/zero bs=1M count=64 2>/dev/null | tr '\\0' 'x'; echo; echo the end; exit 1");
    String said = failure(place, 1, "create", place.container()).path("msg").asText();
    contains(said, "the end");
    contains(said, "output: ...");
    that(said.length() < 6000, "the error has " + said.length() + " characters");
    hook(place, "createRuntime", "sleep 3 & echo because; exit 1");
    long start = System.nanoTime();
    contains(failure(place, 1, "create", place.container()).toString(), "because");
    that((System.nanoTime() - start) / 1e9 < 2, "it waited for what the hook left running");
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
    JsonNode plan = json(place.runtime("plan", "--json").run().ok());
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
    ours(place, NO_PEER);
    place.args("sleep", "100");
    traceOf(place);
    place.config(config -> {
      Sandbox.namespaces(config).addObject().put("type", "time");
      config.withObject("/linux/timeOffsets/monotonic").put("secs", 100000);
    });
    traceOf(place);
  }

  private static void traceAdds(Sandbox place) throws Exception {
    ours(place, NO_PEER);
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
    ours(place, NO_PEER);
    Path file = place.folder().resolve("trace.json");
    place.script("ls -l /proc/self/fd; ls /proc/self/fd | wc -l; grep -c . /proc/self/maps");
    String plain = place.run().ok().out();
    String traced =
        place.runtime("--trace", file.toString(), "run", place.container()).run().ok().out();
    equal(plain.lines().count(), traced.lines().count(), "the number of descriptors");
    that(!traced.contains("trace"), traced);
    String id = place.container();
    LifecycleCases.detached(place.args("sleep", "100"), "--trace", file.toString(), "create", id);
    long pid = json(place.runtime("state", id).run().ok()).path("pid").asLong();
    try (var links = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      for (Path link : links.toList()) {
        that(!Files.readSymbolicLink(link).equals(file), "the container's process holds it");
      }
    }
  }

  private static void noTrace(Sandbox place) {
    ours(place, NO_PEER);
    String id = place.container();
    place.runtime("--trace", "/not/there/trace", "create", id).run().code(1).says("/not/there");
    place.runtime("state", id).run().code(1);
  }
}
