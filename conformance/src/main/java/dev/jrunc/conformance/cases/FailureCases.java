package dev.jrunc.conformance.cases;

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

/** What a failure says, of the runtime and of hooks. */
final class FailureCases {
  private static final ObjectMapper JSON = new ObjectMapper();

  private FailureCases() {}

  static List<Case> all() {
    return List.of(
        Case.of(
            "a failure in create says where, on what, why and how to mend",
            "ours",
            FailureCases::createFails),
        Case.of("a failure in start carries all of it", "ours", FailureCases::startFails),
        Case.of("a failure in exec carries all of it", "ours", FailureCases::execFails),
        Case.of("a failure says the same in text", "ours", FailureCases::textFails),
        Case.of("what a failing hook printed is in the error", "ours", FailureCases::hookOutput),
        Case.of(
            "a hook that prints much neither hangs nor floods", "ours", FailureCases::muchOutput));
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
    TellCases.ours(place, OWN_DETAIL);
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
    says(line, "pointer", "/root" + "/path");
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
    TellCases.ours(place, OWN_DETAIL);
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
    TellCases.ours(place, OWN_DETAIL);
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
    TellCases.ours(place, OWN_DETAIL);
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
    TellCases.ours(place, OWN_DETAIL);
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
    TellCases.ours(place, OWN_DETAIL);
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
}
