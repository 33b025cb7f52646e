package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a caller hands a runtime: signals he ignores, his streams, and files he names. */
final class CallerCases {
  private static final String IGNORING = "trap '' HUP INT QUIT PIPE USR1 CHLD TERM; exec \"$@\"";
  private static final String CLOSING = "exec \"$@\" <&- >&- 2>&-";
  private static final String NO_PROGRAM = "executable file not found in $PATH";

  private CallerCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("signals the caller ignores are not ignored", "crun 2058", CallerCases::ignored),
        Case.of("a terminal carries much both ways", "runc run", CallerCases::both),
        Case.of("a signal reaches who reads no terminal", "runc run", CallerCases::deaf),
        Case.of("a terminal that is opened again goes on", "runc run", CallerCases::reopened),
        Case.of("a non-blocking output loses nothing", "runc run", CallerCases::nonBlocking),
        Case.of("closed streams become /dev/null", "runc create", CallerCases::closed),
        Case.of("the caller's file mode mask", "umask(2)", CallerCases::mask),
        Case.of("exec keeps the caller's keyring", "runc exec", CallerCases::keyring),
        Case.of("exec has the container's keyring", "runc exec", CallerCases::sameKeyring),
        Case.of(
            "exec has the container's keyring in a user namespace",
            "runc exec",
            CallerCases::sameKeyringOfOwnUsers),
        Case.of("a log that is full hides no error", "runc --log", CallerCases::fullLog),
        Case.of("a text log has no control characters", "logrus", CallerCases::controls),
        Case.of("a pid file follows no link", "runc --pid-file", CallerCases::pidLink),
        Case.of("no pid file of what has failed", "runc --pid-file", CallerCases::pidLeft),
        Case.of("switches take Go's words for yes and no", "strconv", CallerCases::switches));
  }

  private static Command shell(String script, List<String> words) {
    return Command.of(
        Command.words(List.of("sh", "-c", script, "sh"), words.toArray(String[]::new)));
  }

  private static void ignored(Sandbox place) throws Exception {
    Path hook = place.folder().resolve("hook");
    place.config(config -> {
      ObjectNode entry = config.withObject("/hooks").withArray("/createRuntime").addObject();
      String script = "grep SigIgn /proc/self/status > " + hook;
      entry.put("path", "/bin/sh").putArray("args").add("sh").add("-c").add(script);
    });
    place.script("grep SigIgn /proc/self/status; exit 7");
    List<String> run = place.runtimeWords("run", place.container());
    Command.Outcome ran = shell(IGNORING, run).in(place.bundle()).run();
    equal(7, ran.code(), "the exit code");
    requireNone(ran.out(), "the program");
    requireNone(Files.readString(hook), "a hook");
    String id = LifecycleCases.running(place.args("sleep", "100"));
    List<String> exec = place.runtimeWords("exec", id, "grep", "SigIgn", "/proc/self/status");
    requireNone(shell(IGNORING, exec).run().ok().out(), "what exec runs");
    shell(IGNORING, place.runtimeWords("ps", id)).run().ok().says("sleep");
  }

  // Of the classic signals: Go leaves 32 and 33 alone, which C libraries have for themselves.
  private static void requireNone(String line, String who) {
    long ignored = Long.parseUnsignedLong(line.substring(line.indexOf('\t') + 1).strip(), 16);
    equal(0L, ignored & 0x7fffffff, "the ignored signals of " + who);
  }

  private static void terminal(Sandbox place, String script) {
    place.config(config -> config.withObject("/process").put("terminal", true));
    place.script(script);
  }

  // runc wants a controlling terminal even where its streams are none.
  private static Command controlled(Sandbox place, String script, String... words) {
    String line = String.join(" ", place.runtimeWords(words));
    return Command.of("script", "-qec", script.replace("RUNTIME", line), "/dev/null")
        .in(place.bundle())
        .keepInput();
  }

  private static Path input(Sandbox place) throws IOException {
    String line = "x".repeat(99) + "\n";
    return Files.writeString(place.folder().resolve("input"), line.repeat(4000));
  }

  private static void both(Sandbox place) throws Exception {
    terminal(place, "stty raw -echo; head -c 400000; echo; echo end");
    Path output = place.folder().resolve("output");
    String script = "RUNTIME < " + input(place) + " > " + output;
    controlled(place, script, "run", place.container()).run().ok();
    String out = Files.readString(output);
    that(out.length() >= 400_000, "only " + out.length() + " characters came back");
    that(out.endsWith("end\n"), "the end is missing");
  }

  private static void deaf(Sandbox place) throws Exception {
    terminal(place, "stty raw; trap 'exit 3' TERM; while true; do sleep 0.1; done");
    String script =
        "RUNTIME < "
            + input(place)
            + " > /dev/null & p=$!; sleep 1; kill $p; (sleep 10; kill -9 $p) & wait $p";
    equal(3, controlled(place, script, "run", place.container()).run().code(), "the exit code");
  }

  private static void reopened(Sandbox place) {
    terminal(place, "exec <&- >&- 2>&-; sleep 0.4; echo later > /dev/console");
    String out = controlled(place, "RUNTIME", "run", place.container()).run().ok().out();
    contains(out, "later");
  }

  private static void nonBlocking(Sandbox place) {
    assume(Files.exists(Path.of("/usr/bin/perl")), "perl is not there");
    terminal(place, "dd if=/dev/zero bs=1000 count=900 2>/dev/null | tr '\\0' x");
    String script =
        "perl -e 'use Fcntl; fcntl(STDOUT, F_SETFL, O_WRONLY | O_NONBLOCK); exec @ARGV' RUNTIME"
            + " | { sleep 1; wc -c; }";
    Command.Outcome outcome = controlled(place, script, "run", place.container()).run().ok();
    equal("900000", outcome.out().strip(), "the bytes");
  }

  private static void closed(Sandbox place) throws Exception {
    assume(!place.isRunc(), "runc 1.1.5 tries to give a folder away, and fails");
    place.config(config -> {
      config.withObject("/process/user").put("uid", 1000).put("gid", 1000);
    });
    String id = place.container();
    place.args("sleep", "100");
    shell(CLOSING, place.runtimeWords("create", id)).in(place.bundle()).run().ok();
    Path streams = Path.of("/proc", NamespaceCases.pid(place, id), "fd");
    for (String stream : List.of("0", "1", "2")) {
      Path target = Files.readSymbolicLink(streams.resolve(stream));
      equal("/dev/null", target.toString(), "stream " + stream);
    }
    place.runtime("start", id).run().ok();
    for (Path path :
        List.of(place.folder(), place.rootfs(), place.folder().resolve("state").resolve(id))) {
      equal("root", Files.getOwner(path).getName(), "the owner of " + path);
    }
    equal("root", Files.getOwner(Path.of("/dev/null")).getName(), "the owner of /dev/null");
  }

  private static void fullLog(Sandbox place) {
    place.args("not-a-program");
    place.runtime("--log", "/dev/full", "run", place.container()).run().code(1).says(NO_PROGRAM);
  }

  private static void controls(Sandbox place) throws Exception {
    place.config(config -> {
      ObjectNode hook = config.withObject("/hooks").withArray("/createRuntime").addObject();
      hook.put("path", "/bin/sh");
      hook.putArray("args").add("sh").add("-c").add("printf 'a\\033[2Jb\\rc\\177d' >&2; exit 1");
    });
    Path log = place.folder().resolve("log");
    place.args("true").runtime("--log", log.toString(), "run", place.container()).run().code(1);
    String text = Files.readString(log);
    contains(text, "a\\x1b[2Jb\\rc\\x7fd");
    that(text.chars().noneMatch(c -> (c < ' ' && c != '\n') || c == 0x7f), "as they are: " + text);
  }

  private static void pidLink(Sandbox place) throws Exception {
    Path victim = place.folder().resolve("victim");
    Files.writeString(victim, "kept");
    Files.createSymbolicLink(place.folder().resolve(".pid"), victim);
    String file = place.folder().resolve("pid").toString();
    String id = place.container();
    place.args("sleep", "100");
    Path said = place.folder().resolve("said");
    place.runtime("create", "--pid-file", file, id).intoFile(said).run().code(1).says("exists");
    equal("kept", Files.readString(victim), "what the link leads to");
    place.runtime("state", id).run().code(1).says("does not exist");
  }

  private static void pidLeft(Sandbox place) {
    Path file = place.folder().resolve("pid");
    place.args("not-a-program");
    for (String command : List.of("create", "run")) {
      String id = place.container();
      place.runtime(command, "--pid-file", file.toString(), id).run().code(1).says(NO_PROGRAM);
      that(!Files.exists(file), command + " has left one");
    }
    String id = LifecycleCases.running(place.args("sleep", "100"));
    String[] exec = {"exec", "--pid-file", file.toString(), id, "not-a-program"};
    place.runtime(exec).run().code(255).says(NO_PROGRAM);
    that(!Files.exists(file), "exec has left one");
  }

  private static void switches(Sandbox place) {
    place.args("echo", "out").globals("--systemd-cgroup=false", "--debug=0");
    Command.Outcome outcome = place.runtime("run", "--keep=F", place.container()).run().ok();
    equal("out\n", outcome.all(), "what is said");
    place.runtime("--debug=T", "run", place.container()).run().ok().says("level=debug");
    place.runtime("--debug=perhaps", "list").run().code(1).says("perhaps");
  }

  private static void mask(Sandbox place) throws Exception {
    assume(!place.isRunc(), "runc 1.1.5 keeps the mask");
    place.config(Writable::root);
    place.config(config -> Sandbox.mount(config, "/made/here", "tmpfs", "tmpfs"));
    String out =
        place
            .script("stat -c %a /made")
            .runtime("run", place.container())
            .behind("sh", "-c", "umask 077; exec \"$@\"", "--")
            .run()
            .ok()
            .out();
    equal("755\n", out, "the mode of a folder that was made");
  }

  private static void sameKeyringOfOwnUsers(Sandbox place) {
    assume(!place.isRunc(), "runc 1.1.5 lets others search it there, and not its user");
    IdMapCases.ownUsers(place);
    sameKeyring(place);
  }

  // The kernel lists those of whoever asks: one of its own would stand there beside the
  // container's.
  private static void sameKeyring(Sandbox place) {
    assume(Files.exists(Path.of("/proc/keys")), "this kernel shows no keys");
    place.config(config -> config.withObject("/linux").remove("maskedPaths"));
    String id = LifecycleCases.running(place.args("sleep", "100"));
    String keys = place.runtime("exec", id, "cat", "/proc/keys").run().ok().out();
    equal(1L, keys.lines().filter(l -> l.contains("_ses." + id)).count(), "keyrings in " + keys);
  }

  private static void keyring(Sandbox place) {
    assume(!place.isRunc(), "not of runc 1.1.5");
    assume(Files.exists(Path.of("/proc/keys")), "this kernel shows no keys");
    place.config(config -> config.withObject("/linux").remove("maskedPaths"));
    String id = place.container();
    LifecycleCases.detached(place.args("sleep", "100"), "run", "--detach", "--no-new-keyring", id);
    String keys = place.runtime("exec", id, "cat", "/proc/keys").run().ok().out();
    that(!keys.contains("_ses." + id), "a keyring of its own: " + keys);
  }
}
