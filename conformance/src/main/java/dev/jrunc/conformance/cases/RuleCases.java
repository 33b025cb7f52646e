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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the specification says in so many words, and the validation programs of its makers ask. */
final class RuleCases {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String EXTENSIBILITY = "config.md Extensibility";
  private static final String HOOKS = "config.md POSIX-platform Hooks";

  private RuleCases() {}

  static List<Case> all() {
    return List.of(
        Case.of(
            "a change of config.json after create does nothing",
            "runtime.md Lifecycle",
            RuleCases::late),
        Case.of("a property that nobody knows is ignored", EXTENSIBILITY, RuleCases::unknown),
        Case.of(
            "a value that nobody knows is an error", "config.md Valid values", RuleCases::invalid),
        Case.of("annotations come back in the state", "config.md Annotations", RuleCases::notes),
        Case.of(
            "a command without an id is an error", "runtime.md Operations", RuleCases::withoutId),
        Case.of(
            "a namespace file of another kind is refused",
            "config-linux.md Namespaces",
            RuleCases::otherKind),
        Case.of(
            "a namespace given twice is refused", "config-linux.md Namespaces", RuleCases::twice),
        Case.of(
            "a limit given twice or of no kind is refused",
            "config.md POSIX process",
            RuleCases::rlimits),
        Case.of(
            "kill of a stopped container signals nobody",
            "runtime.md Kill",
            RuleCases::killStopped),
        Case.of("delete takes only what create made", "runtime.md Delete", RuleCases::deleteOwn),
        Case.of(
            "delete of a running container changes nothing", "runtime.md Delete", RuleCases::busy),
        Case.of("a hook that fails before start leaves nothing", HOOKS, RuleCases::failingCreate),
        Case.of("a startContainer hook that fails ends start", HOOKS, RuleCases::failingStart),
        Case.of("a poststart hook that fails ends the container", HOOKS, RuleCases::failingAfter),
        Case.of("a poststop hook that fails keeps no other", HOOKS, RuleCases::failingStop),
        Case.of("each kind of hook has its environment and time", HOOKS, RuleCases::hookFields));
  }

  private static void late(Sandbox place) throws Exception {
    String id = place.container();
    place.args("echo", "as created");
    Path said = place.folder().resolve("said");
    place.runtime("create", id).intoFile(said).run().ok();
    place.args("echo", "as changed");
    place.config(config -> config.put("hostname", "changed"));
    place.runtime("start", id).run().ok();
    LifecycleCases.awaitStopped(place, id);
    equal("as created\n", Files.readString(said), "the output");
  }

  private static void unknown(Sandbox place) {
    place.config(config -> {
      config.put("noSuchProperty", "x").withObject("/process").putObject("neither").put("this", 1);
      config.withObject("/linux").putArray("norThis").add(1);
    });
    place.args("true").run().ok();
  }

  private static void invalid(Sandbox place) {
    assume(!place.isRunc(), "runc 1.1.5 takes them");
    place.config(config -> config.withObject("/linux").put("rootfsPropagation", "sideways"));
    place.args("true").run().code(1).says("/linux/rootfsPropagation");
  }

  private static void notes(Sandbox place) throws Exception {
    place.config(config -> config.withObject("/annotations").put("org.example.a/b", "one two"));
    String id = LifecycleCases.running(place);
    JsonNode state = JSON.readTree(place.runtime("state", id).run().ok().out());
    equal("one two", state.path("annotations").path("org.example.a/b").asText(), "the annotation");
  }

  private static void withoutId(Sandbox place) {
    for (String command : List.of("create", "start", "state", "kill", "delete")) {
      place.runtime(command).run().code(1);
    }
  }

  private static void otherKind(Sandbox place) {
    place.config(config -> {
      Sandbox.without(config, "ipc");
      Sandbox.namespaces(config).addObject().put("type", "ipc").put("path", "/proc/self/ns/uts");
    });
    place.args("true").run().code(1);
  }

  private static void twice(Sandbox place) {
    place.config(config -> Sandbox.namespaces(config).addObject().put("type", "pid"));
    place.args("true").run().code(1);
  }

  private static ObjectNode rlimit(ObjectNode config, String type) {
    ObjectNode limit = config.withObject("/process").withArray("/rlimits").addObject();
    return limit.put("type", type).put("soft", 64).put("hard", 64);
  }

  private static void rlimits(Sandbox place) {
    place.config(config -> rlimit(config, "RLIMIT_TEST")).args("true");
    place.run().code(1).says("RLIMIT_TEST");
    assume(!place.isRunc(), "runc 1.1.5 takes one twice");
    place.config(config -> {
      config.withObject("/process").remove("rlimits");
      rlimit(config, "RLIMIT_NOFILE");
      rlimit(config, "RLIMIT_NOFILE");
    });
    place.run().code(1).says("/process/rlimits/1");
  }

  private static void killStopped(Sandbox place) {
    String id = LifecycleCases.running(place.args("sleep", "100"));
    place.runtime("kill", id, "KILL").run().ok();
    LifecycleCases.awaitStopped(place, id);
    place.runtime("kill", id, "KILL").run().code(1);
    equal("stopped", LifecycleCases.status(place, id), "the status");
  }

  private static void deleteOwn(Sandbox place) throws Exception {
    assume(Files.exists(Path.of("/sys/fs/cgroup/memory/tasks")), "no cgroup v1 on this machine");
    String outer = "conformance-own-" + ProcessHandle.current().pid();
    Path ours = Files.createDirectory(Path.of("/sys/fs/cgroup/memory", outer));
    try {
      String path = "/" + outer + "/inner";
      place.config(config -> config.withObject("/linux").put("cgroupsPath", path));
      String id = LifecycleCases.created(place.args("sleep", "100"));
      that(Files.exists(ours.resolve("inner")), "the container has no memory cgroup");
      place.runtime("delete", "--force", id).run().ok();
      that(!Files.exists(ours.resolve("inner")), "the container's cgroup stays");
      that(Files.exists(ours), "the cgroup around it is gone");
    } finally {
      for (String hierarchy : List.of("memory", "cpu", "cpuacct", "cpuset", "devices", "freezer")) {
        Command.of("rmdir", "/sys/fs/cgroup/" + hierarchy + "/" + outer).run();
      }
      for (String hierarchy : List.of("blkio", "pids", "systemd", "unified")) {
        Command.of("rmdir", "/sys/fs/cgroup/" + hierarchy + "/" + outer).run();
      }
    }
  }

  private static void busy(Sandbox place) {
    String id = LifecycleCases.running(place);
    place.runtime("delete", id).run().code(1);
    place.runtime("exec", id, "true").run().ok();
    equal("running", LifecycleCases.status(place, id), "the status");
  }

  private static ObjectNode hook(ObjectNode config, String kind, String script) {
    ObjectNode hook = config.withObject("/hooks").withArray("/" + kind).addObject();
    hook.put("path", "/bin/sh").putArray("args").add("sh").add("-c").add(script);
    return hook;
  }

  private static void failingCreate(Sandbox place) {
    place.args("sleep", "100");
    for (String kind : List.of("prestart", "createRuntime", "createContainer")) {
      place.config(config -> {
        config.remove("hooks");
        hook(config, kind, "exit 3");
      });
      String id = place.container();
      place.runtime("create", id).run().code(1);
      place.runtime("state", id).run().code(1).says("does not exist");
    }
  }

  private static void failingStart(Sandbox place) {
    place.config(config -> hook(config, "startContainer", "exit 3"));
    String id = LifecycleCases.created(place.args("sleep", "100"));
    Command.Outcome start = place.runtime("start", id).run();
    that(place.isRunc() || start.code() == 1, "start ended with " + start.code());
    LifecycleCases.awaitStopped(place, id);
  }

  private static void failingAfter(Sandbox place) {
    assume(!place.isRunc(), "runc 1.1.5 follows an older text of the specification");
    place.config(config -> hook(config, "poststart", "echo why >&2; exit 3"));
    String id = LifecycleCases.created(place.args("sleep", "100"));
    place.runtime("start", id).run().code(1).says("why");
    place.runtime("state", id).run().code(1).says("does not exist");
  }

  private static void failingStop(Sandbox place) {
    assume(!place.isRunc(), "runc 1.1.5 stops at the first that fails");
    Path log = place.folder().resolve("log");
    place.config(config -> {
      hook(config, "poststop", "echo first >> " + log + "; exit 3");
      hook(config, "poststop", "echo second >> " + log);
    });
    String id = LifecycleCases.created(place.args("sleep", "100"));
    Command.Outcome delete = place.runtime("delete", "--force", id).run().ok();
    delete.says("warning").says("poststop hook #0").says("exit status 3");
    LifecycleCases.await(
        () -> Files.readString(log).equals("first\nsecond\n"), "not both hooks were run");
    place.runtime("state", id).run().code(1);
  }

  private static void hookFields(Sandbox place) throws Exception {
    Path log = place.folder().resolve("log");
    Files.writeString(log, "");
    List<String> outside =
        List.of("prestart", "createRuntime", "createContainer", "poststart", "poststop");
    place.config(Writable::root);
    place.config(config -> {
      for (String kind : outside) {
        fields(hook(config, kind, "echo $KIND >> " + log), kind);
      }
      fields(hook(config, "startContainer", "echo $KIND > /tmp/inside"), "startContainer");
    });
    String id = LifecycleCases.created(place.args("sleep", "100"));
    place.runtime("start", id).run().ok();
    place.runtime("delete", "--force", id).run().ok();
    for (String kind : outside) {
      contains(Files.readString(log), kind + "\n");
    }
    equal("startContainer\n", Files.readString(place.rootfs().resolve("tmp/inside")), "inside");
  }

  private static void fields(ObjectNode hook, String kind) {
    hook.put("timeout", 20).putArray("env").add("KIND=" + kind);
  }
}
