package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import dev.jrunc.conformance.harness.SocketEnd;
import dev.jrunc.conformance.harness.Uses;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Flags that no other group is about, each by what it brings about. */
final class FlagCases {
  private static final ObjectMapper JSON = new ObjectMapper();

  private FlagCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("create and run --bundle take a folder", "runc create", FlagCases::bundle),
        Case.of("run --pid-file holds the pid of the program", "runc run", FlagCases::runPidFile),
        Case.of("run --detach --console-socket sends the master", "runc run", FlagCases::console),
        Case.of("create --preserve-fds", "runc create", FlagCases::preserve),
        Case.of("create --no-pivot", "runc create", FlagCases::noPivot),
        Case.of("create --no-new-keyring", "runc create", FlagCases::keyring),
        Case.of("spec --bundle writes there", "runc spec", FlagCases::specBundle),
        Case.of("spec --rootless maps the caller", "runc spec", FlagCases::specRootless),
        Case.of("--debug tells more and changes nothing", "runc", FlagCases::debug),
        Case.of("--log-format text and json, and no other", "runc", FlagCases::logFormat),
        Case.of("--root keeps containers apart", "runc", FlagCases::root),
        Case.of("--rootless and --systemd-cgroup are taken", "runc", FlagCases::taken),
        Case.of("every command has --help", "runc --help", FlagCases::help));
  }

  private static void bundle(Sandbox place) throws Exception {
    place.args("hostname");
    Path moved = place.folder().resolve("moved");
    Files.move(place.bundle(), moved);
    String run = place.container();
    equal("runc\n", place.runtime("run", "--bundle", moved.toString(), run).run().ok().out(), "");
    String created = place.container();
    LifecycleCases.detached(place, "create", "-b", moved.toString(), created);
    JsonNode state = JSON.readTree(place.runtime("state", created).run().ok().out());
    equal(moved.toString(), state.path("bundle").asText(), "the bundle");
    String missing = place.folder().resolve("never").toString();
    place.runtime("run", "--bundle", missing, place.container()).run().code(1).says("never");
  }

  private static void runPidFile(Sandbox place) throws Exception {
    String id = place.container();
    Path file = place.folder().resolve("pid");
    place.args("sleep", "100");
    LifecycleCases.detached(place, "run", "--detach", "--pid-file", file.toString(), id);
    equal(NamespaceCases.pid(place, id), Files.readString(file), "the pid file");
  }

  private static void console(Sandbox place) throws Exception {
    place.config(config -> config.withObject("/process").put("terminal", true));
    place.args("sleep", "100");
    Path path = place.folder().resolve("console.sock");
    try (SocketEnd end = SocketEnd.listen(path)) {
      String[] words = {"run", "-d", "--console-socket", path.toString(), place.container()};
      LifecycleCases.detached(place, words);
      contains(end.received(), "/dev/");
    }
  }

  private static void shell(Sandbox place, String before, String... words) {
    String line = before + String.join(" ", place.runtimeWords(words));
    Path said = place.folder().resolve("said");
    Command.of("sh", "-c", line).in(place.bundle()).intoFile(said).run().ok();
  }

  private static String startAndRead(Sandbox place, String id) throws Exception {
    place.runtime("start", id).run().ok();
    LifecycleCases.awaitStopped(place, id);
    return Files.readString(place.folder().resolve("said"));
  }

  private static void preserve(Sandbox place) throws Exception {
    Path file = place.folder().resolve("kept");
    Files.writeString(file, "kept open\n");
    String id = place.container();
    place.script("cat <&3");
    shell(place, "exec 3<" + file + "; ", "create", "--preserve-fds", "1", id);
    equal("kept open\n", startAndRead(place, id), "what is read");
  }

  private static void noPivot(Sandbox place) throws Exception {
    String id = place.container();
    place.script("ls -d /bin /work /boot 2>/dev/null; echo end");
    shell(place, "", "create", "--no-pivot", id);
    equal("/bin\nend\n", startAndRead(place, id), "what is seen");
  }

  private static void keyring(Sandbox place) throws Exception {
    assume(Files.exists(Path.of("/proc/keys")), "this kernel has no keys");
    place.config(config -> config.withObject("/linux").remove("maskedPaths"));
    String id = place.container();
    place.args("cat", "/proc/keys");
    shell(place, "", "create", "--no-new-keyring", id);
    String keys = startAndRead(place, id);
    that(!keys.contains("_ses." + id), "a keyring of its own: " + keys);
  }

  private static void specBundle(Sandbox place) throws Exception {
    Path other = Files.createDirectory(place.folder().resolve("other"));
    place.runtime("spec", "--bundle", other.toString()).run().ok();
    JsonNode config = JSON.readTree(other.resolve("config.json").toFile());
    equal("rootfs", config.at("/root/path").asText(), "the rootfs");
    place.runtime("spec", "--bundle", other.resolve("never").toString()).run().code(1);
  }

  private static void specRootless(Sandbox place) throws Exception {
    Path other = Files.createDirectory(place.folder().resolve("other"));
    place.runtime("spec", "--rootless", "--bundle", other.toString()).run().ok();
    JsonNode config = JSON.readTree(other.resolve("config.json").toFile());
    String namespaces = config.at("/linux/namespaces").toString();
    contains(namespaces, "\"user\"");
    that(!namespaces.contains("\"network\""), "a network namespace without a way out");
    equal(0, config.at("/linux/uidMappings/0/hostID").asInt(-1), "the caller's id");
    that(config.at("/linux/resources").isMissingNode(), "limits that no user may set");
  }

  private static void debug(Sandbox place) {
    place.args("echo", "out");
    Command.Outcome quiet = place.run().ok();
    equal("", quiet.err(), "what is said without it");
    Command.Outcome loud = place.runtime("--debug", "run", place.container()).run().ok();
    equal("out\n", loud.out(), "the output");
  }

  private static void logFormat(Sandbox place) throws Exception {
    Path log = place.folder().resolve("log");
    String[] text = {"--log", log.toString(), "--log-format", "text", "state", "never-there"};
    place.runtime(text).run().code(1).says("does not exist");
    contains(Files.readString(log), "does not exist");
    // A log is added to: engines give one file to several commands.
    String[] json = {"--log", log.toString(), "--log-format", "json", "state", "never-there"};
    place.runtime(json).run().code(1);
    List<String> lines = Files.readAllLines(log);
    contains(lines.get(0), "does not exist");
    equal("error", JSON.readTree(lines.getLast()).path("level").asText(), "the level");
    place.runtime("--log-format", "xml", "list").run().code(1).says("xml");
  }

  private static void root(Sandbox place) {
    String id = LifecycleCases.running(place);
    String other = place.folder().resolve("another").toString();
    String program = place.runtimePath().toString();
    Command.of(program, "--root", other, "state", id).run().code(1).says("does not exist");
    if (!place.isRunc()) {
      // runc does so since 1.3: a misspelt root is no empty one.
      Command.of(program, "--root", other, "list", "-q").run().code(1).says("no such file");
    }
    equal("running", LifecycleCases.status(place, id), "the status");
  }

  private static void taken(Sandbox place) {
    place.args("echo", "out");
    for (String value : List.of("false", "auto")) {
      String[] words = {"--rootless", value, "run", place.container()};
      equal("out\n", place.runtime(words).run().ok().out(), "with --rootless " + value);
    }
    place.runtime("--systemd-cgroup", "list").run().ok();
  }

  private static void help(Sandbox place) {
    for (String command : Uses.RUNC_COMMANDS) {
      place.runtime(command, "--help").run().ok().says("USAGE").says(command);
    }
    place.runtime("--help").run().ok().says("--root");
    place.runtime("--version").run().ok().says("version");
  }
}
