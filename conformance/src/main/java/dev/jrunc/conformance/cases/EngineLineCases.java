package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** The command lines that engines use, word by word, and what they look for in the answers. */
final class EngineLineCases {
  private static final ObjectMapper JSON = new ObjectMapper();

  private EngineLineCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("containerd's lines through a life", "go-runc", EngineLineCases::containerd),
        Case.of("what containerd reads of failures", "go-runc", EngineLineCases::logs),
        Case.of("conmon's and buildah's lines", "conmon", EngineLineCases::conmon),
        Case.of("what podman asks and matches", "podman", EngineLineCases::podman),
        Case.of("what dockerd asks and matches", "dockerd", EngineLineCases::docker),
        Case.of("CRI-O's lines", "cri-o", EngineLineCases::crio));
  }

  private static Path log(Sandbox place) {
    return place.folder().resolve("log.json");
  }

  private static void shim(Sandbox place) {
    place.globals("--log", log(place).toString(), "--log-format", "json");
  }

  private static Path process(Sandbox place, String... args) throws Exception {
    var process = JSON.createObjectNode().put("terminal", false).put("cwd", "/");
    process.putObject("user").put("uid", 0).put("gid", 0);
    var words = process.putArray("args");
    for (String arg : args) {
      words.add(arg);
    }
    process.putArray("env").add("PATH=/bin");
    Path file = place.folder().resolve("process.json");
    JSON.writeValue(file.toFile(), process);
    return file;
  }

  private static void containerd(Sandbox place) throws Exception {
    shim(place);
    String bundle = place.args("sleep", "100").bundle().toString();
    Path pid = place.folder().resolve("init.pid");
    String id = place.container();
    LifecycleCases.detached(place, "create", "--bundle", bundle, "--pid-file", pid + "", id);
    that(Files.readString(pid).matches("[1-9][0-9]*"), "the pid file is no number alone");
    place.runtime("start", id).run().ok();
    JsonNode state = JSON.readTree(place.runtime("state", id).run().ok().out());
    equal(Files.readString(pid), state.path("pid").asText(), "the pid");
    JsonNode list = JSON.readTree(place.runtime("list", "--format=json").run().ok().out());
    for (String key : List.of("id", "pid", "status", "bundle", "rootfs", "created")) {
      that(list.get(0).has(key), "list has no " + key);
    }
    Path file = process(place, "sleep", "100");
    Path second = place.folder().resolve("exec.pid");
    LifecycleCases.detached(
        place, "exec", "--process", file + "", "--detach", "--pid-file", second + "", id);
    JsonNode pids = JSON.readTree(place.runtime("ps", "--format", "json", id).run().ok().out());
    contains(pids.toString(), Files.readString(second));
    place.runtime("ps", "--format", "table", id, "-ef").run().ok().says("sleep 100");
    JsonNode stats = JSON.readTree(place.runtime("events", "--stats", id).run().ok().out());
    that(stats.at("/data/pids/current").asInt() >= 2, "stats tell of no processes");
    place.runtime("pause", id).run().ok();
    place.runtime("resume", id).run().ok();
    String limits = "{\"pids\":{\"limit\":50}}";
    place.runtime("update", "--resources=-", id).input(limits).run().ok();
    place.runtime("kill", "--all", id, "9").run().ok();
    LifecycleCases.awaitStopped(place, id);
    place.runtime("delete", id).run().ok();
    that(!Files.exists(log(place)) || Files.readString(log(place)).isEmpty(), "it logged failures");
  }

  // The last error of the log is shown; some words of it mean that there is nothing to be done.
  private static void logs(Sandbox place) throws Exception {
    shim(place);
    place.runtime("kill", "missing-" + place.container(), "9").run().code(1);
    contains(last(place), "does not exist");
    String id = place.args("true").container();
    LifecycleCases.detached(place, "create", id);
    place.runtime("start", id).run().ok();
    LifecycleCases.awaitStopped(place, id);
    place.runtime("kill", id, "9").run().code(1);
    contains(last(place), "container not running");
    place.runtime("kill", "--all", id, "9").run().ok();
    place.runtime("delete", id).run().ok();
    place.runtime("delete", id).run().code(1);
    contains(last(place), "does not exist");
    place.runtime("delete", "--force", id).run().ok();
    String version = Command.of(place.runtimePath().toString(), "--version").run().ok().out();
    contains(version, " version ");
    contains(version, "\ncommit: ");
    contains(version, "\nspec: 1.");
  }

  private static String last(Sandbox place) throws Exception {
    String message = "";
    for (String line : Files.readAllLines(log(place))) {
      JsonNode entry = JSON.readTree(line);
      that(entry.has("time"), "no time in " + line);
      message = entry.path("level").asText().equals("error") ? entry.path("msg").asText() : message;
    }
    return message;
  }

  private static void conmon(Sandbox place) throws Exception {
    String bundle = place.args("sleep", "100").bundle().toString();
    Path pid = place.folder().resolve("pidfile");
    String id = place.container();
    LifecycleCases.detached(
        place, "create", "--no-new-keyring", "--bundle", bundle, "--pid-file", pid + "", id);
    that(Files.exists(pid), "no pid file, so conmon takes it for failed");
    place.runtime("start", id).run().ok();
    Path second = place.folder().resolve("exec-pidfile");
    Path file = process(place, "sleep", "100");
    LifecycleCases.detached(
        place, "exec", "--pid-file", second + "", "--process", file + "", "--detach", id);
    that(Files.exists(second), "no pid file of exec");
    Path bad = process(place, "no-such-program");
    Path third = place.folder().resolve("no-pidfile");
    Command.Outcome failed =
        place
            .runtime("exec", "--pid-file", third + "", "--process", bad + "", "--detach", id)
            .run();
    that(failed.code() != 0 && !failed.err().isBlank(), "a failure that says nothing");
    that(!Files.exists(third), "a pid file of what did not start");
    place.runtime("kill", id, "15").run().ok();
    place.runtime("kill", id, "9").run();
    LifecycleCases.awaitStopped(place, id);
    place.runtime("delete", id).run().ok();
  }

  private static void podman(Sandbox place) throws Exception {
    // The whole log is read as one object, by these patterns.
    failsWith(place, "no-such-program", "executable file not found in|no such file or directory");
    Path file = place.rootfs().resolve("bin/plain");
    Files.writeString(file, "text");
    failsWith(place, "/bin/plain", "permission denied|operation not permitted");
    if (!place.isRunc()) {
      // Asks whether labels of mounts can be told to it.
      Command.Outcome restore = place.runtime("restore", "--lsm-mount-context").run().code(1);
      that(!restore.all().contains("flag needs an argument"), restore.all());
    }
    String id = place.args("sleep", "100").container();
    place.globals("--log-format=json", "--log=" + log(place));
    LifecycleCases.detached(place, "create", "--bundle", place.bundle() + "", id);
    place.runtime("start", id).run().ok();
    Path limits = place.folder().resolve("limits.json");
    Files.writeString(limits, "{\"pids\":{\"limit\":40}}");
    place.runtime("update", "--resources=" + limits, id).run().ok();
    place.runtime("kill", id, "9").run().ok();
    LifecycleCases.awaitStopped(place, id);
    place.runtime("delete", "--force", id).run().ok();
  }

  private static void failsWith(Sandbox place, String program, String pattern) throws Exception {
    Path log = place.folder().resolve("one.json");
    Files.deleteIfExists(log);
    String id = place.args(program).container();
    place.globals("--log-format=json", "--log=" + log);
    that(place.runtime("create", id).run().code() != 0, "create of " + program + " went well");
    String text = Files.readString(log).strip();
    JsonNode one = JSON.readTree(text);
    equal("error", one.path("level").asText(), "the level");
    String message = one.path("msg").asText();
    that(Pattern.compile("(?i).*(" + pattern + ").*").matcher(message).find(), message);
    if (!place.isRunc()) {
      equal(1L, text.lines().count(), "the lines of the log");
    }
  }

  private static void docker(Sandbox place) throws Exception {
    assume(!place.isRunc(), "runc 1.1.5 has no features that dockerd would ask for");
    JsonNode features = JSON.readTree(place.runtime("features").run().ok().out());
    for (String key : List.of("ociVersionMin", "ociVersionMax", "hooks", "mountOptions", "linux")) {
      that(features.has(key), "features has no " + key);
    }
    String said = place.args("no-such-program").run().code(1).all();
    contains(said, "exec: \"no-such-program\": executable file not found in $PATH");
    Files.writeString(place.rootfs().resolve("bin/plain"), "text");
    contains(place.args("/bin/plain").run().code(1).all(), "permission denied");
    Path file = Files.writeString(place.folder().resolve("file"), "text");
    place.config(config -> Sandbox.mount(config, "/tmp", "bind", file.toString(), "bind"));
    contains(place.args("true").run().code(1).all(), "not a directory");
  }

  private static void crio(Sandbox place) throws Exception {
    String id = LifecycleCases.running(place.args("sleep", "100"));
    Path file = process(place, "sh", "-c", "echo probe; exit 3");
    Command.Outcome probe = place.runtime("exec", "--process", file + "", id).run().code(3);
    equal("probe\n", probe.out(), "what the probe prints");
    String limits = "{\"cpu\":{\"shares\":512},\"memory\":{\"limit\":67108864}}";
    place.runtime("update", "--resources", "-", id).input(limits).run().ok();
    place.runtime("kill", id, "SIGKILL").run().ok();
    LifecycleCases.awaitStopped(place, id);
    place.runtime("delete", "--force", id).run().ok();
  }
}
