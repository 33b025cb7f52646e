package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.harness.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Hooks: when, where and with what they run. */
final class HookCases {
  private static final String SECTION = "config.md POSIX-platform Hooks";

  private HookCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("all six kinds run, in their order", SECTION, HookCases::order),
        Case.of("a hook reads the state", SECTION, HookCases::state),
        Case.of("a hook has the config's environment alone", SECTION, HookCases::environment),
        Case.of("a failing createRuntime hook ends it", SECTION, HookCases::failing),
        Case.of("a hook past its timeout is ended", SECTION, HookCases::timeout),
        Case.of("a failing poststop hook is no failure", SECTION, HookCases::poststop),
        Case.of(
            "poststop hooks take down what others set up before a failure",
            "runtime.md Lifecycle",
            HookCases::takenDown));
  }

  private static void hook(ObjectNode config, String kind, String script) {
    ObjectNode hook = config.withObject("/hooks").withArray("/" + kind).addObject();
    hook.put("path", "/bin/sh");
    ArrayNode args = hook.putArray("args");
    args.add("sh").add("-c").add(script);
  }

  private static void order(Sandbox place) throws Exception {
    Path log = place.folder().resolve("hooks.log");
    place.config(Writable::root);
    place.config(config -> {
      for (String kind :
          List.of("prestart", "createRuntime", "createContainer", "poststart", "poststop")) {
        hook(config, kind, "echo " + kind + " >> " + log);
      }
      hook(config, "startContainer", "echo startContainer > /tmp/inside");
    });
    String id = LifecycleCases.created(place.args("sleep", "100"));
    // runc 1.1.5 runs poststart with create already.
    List<String> first = Files.readAllLines(log).subList(0, 3);
    equal(List.of("prestart", "createRuntime", "createContainer"), first, "create");
    place.runtime("start", id).run().ok();
    contains(Files.readString(place.rootfs().resolve("tmp/inside")), "startContainer");
    contains(Files.readString(log), "poststart");
    place.runtime("delete", "--force", id).run().ok();
    contains(Files.readString(log), "poststop");
  }

  private static void state(Sandbox place) throws Exception {
    Path file = place.folder().resolve("state.json");
    place.config(config -> hook(config, "createRuntime", "/bin/cat > " + file));
    place.args("true").run().ok();
    var state = new ObjectMapper().readTree(file.toFile());
    equal(place.bundle().toString(), state.path("bundle").asText(), "the bundle");
    that(state.path("pid").asInt() > 1, "no pid in " + state);
    that(!state.path("ociVersion").asText().isEmpty(), "no version in " + state);
  }

  private static void environment(Sandbox place) throws Exception {
    Path file = place.folder().resolve("env");
    place.config(config -> {
      hook(config, "createRuntime", "/usr/bin/env > " + file);
      ((ObjectNode) config.at("/hooks/createRuntime/0")).putArray("env").add("ONLY=this");
    });
    place.args("true").run().ok();
    List<String> lines =
        Files.readAllLines(file).stream()
            .filter(line -> !line.startsWith("PWD=") && !line.startsWith("_="))
            .filter(line -> !line.startsWith("SHLVL=") && !line.startsWith("OLDPWD="))
            .toList();
    equal(List.of("ONLY=this"), lines, "the environment");
  }

  private static void failing(Sandbox place) {
    place.config(config -> hook(config, "createRuntime", "echo because >&2; exit 3"));
    place.args("true").run().code(1).says("hook").says("because");
  }

  private static void timeout(Sandbox place) {
    place.config(config -> {
      hook(config, "createRuntime", "exec sleep 30");
      ((ObjectNode) config.at("/hooks/createRuntime/0")).put("timeout", 1);
    });
    long start = System.nanoTime();
    place.args("true").run().code(1).says("timeout");
    that((System.nanoTime() - start) / 1e9 < 10, "the hook was not ended in time");
  }

  // createRuntime has set something up when createContainer fails: only poststop can take it down.
  private static void takenDown(Sandbox place) throws Exception {
    Path log = place.folder().resolve("hooks.log");
    place.config(config -> {
      hook(config, "createRuntime", "echo up >> " + log);
      hook(config, "createContainer", "exit 3");
      hook(config, "poststop", "cat > " + log + ".state; echo down >> " + log);
    });
    place.args("true").run().code(1).says("hook");
    equal(List.of("up", "down"), Files.readAllLines(log), "the hooks");
    var state = new ObjectMapper().readTree(Path.of(log + ".state").toFile());
    equal("stopped", state.path("status").asText(), "the status");
    place.runtime("state", place.container()).run().code(1);
  }

  private static void poststop(Sandbox place) {
    place.config(config -> hook(config, "poststop", "exit 3"));
    String id = LifecycleCases.created(place.args("sleep", "100"));
    place.runtime("delete", "--force", id).run().ok();
  }
}
