package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import dev.jrunc.conformance.harness.SocketEnd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Every flag of {@code exec}. */
final class ExecCases {
  private static final String ALLOWED = "Cpus_allowed_list";

  private ExecCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("exec --additional-gids", "runc exec", ExecCases::groups),
        Case.of("exec --cap", "runc exec", ExecCases::capability),
        Case.of("exec --no-new-privs", "runc exec", ExecCases::privileges),
        Case.of("exec --env: the last setting counts", "runc exec", ExecCases::env),
        Case.of("exec --cwd that is not there fails", "runc exec", ExecCases::cwd),
        Case.of("exec --user that is no number fails", "runc exec", ExecCases::user),
        Case.of("exec --preserve-fds", "runc exec", ExecCases::preserve),
        Case.of("exec --preserve-fds of what is not open fails", "runc", ExecCases::preserveNone),
        Case.of("exec --pid-file", "runc exec", ExecCases::pidFile),
        Case.of("exec --console-socket", "runc exec", ExecCases::console),
        Case.of("exec --console-socket needs tty and detach", "runc exec", ExecCases::noConsole),
        Case.of("exec --pidfd-socket", "runc exec", ExecCases::pidfd),
        Case.of("exec --ignore-paused waits for resume", "runc exec", ExecCases::paused),
        Case.of("exec --cgroup enters a group below", "runc exec", ExecCases::cgroup),
        Case.of("exec --cgroup refuses others", "runc exec", ExecCases::badCgroup),
        Case.of("exec --apparmor without AppArmor fails", "runc exec", ExecCases::apparmor),
        Case.of("exec --process-label without SELinux fails", "runc exec", ExecCases::selinux),
        Case.of("exec takes the rest from the bundle's config", "runc exec", ExecCases::config),
        Case.of("exec --process wants a whole process", "runc exec", ExecCases::badProcess),
        Case.of("exec --process leaves the rest to the container", "runc exec", ExecCases::rest),
        Case.of("exec binds to the processors of a process", "config.md", ExecCases::affinity),
        Case.of("exec and run undo the caller's binding", "runc 1.5", ExecCases::unbound),
        Case.of("exec failures are 255 and say so", "runc exec", ExecCases::failures),
        Case.of("exec takes no flags after the container", "runc exec", ExecCases::flagsEnd));
  }

  private static Command.Outcome exec(Sandbox place, String... words) {
    return place.runtime(Command.words(List.of("exec"), words).toArray(new String[0])).run();
  }

  private static void groups(Sandbox place) {
    String id = LifecycleCases.running(place);
    String out = exec(place, "-u", "1000:1000", "-g", "100", "-g", "65534", id, "id", "-G").out();
    equal("1000 100 65534\n", out, "the groups");
  }

  private static String status(Command.Outcome outcome, String field) {
    for (String line : outcome.ok().out().lines().toList()) {
      if (line.startsWith(field + ":")) {
        return line.substring(field.length() + 1).strip();
      }
    }
    return "";
  }

  private static void capability(Sandbox place) {
    place.config(config -> config.withObject("/process").putObject("capabilities"));
    String id = LifecycleCases.running(place);
    Command.Outcome outcome =
        exec(
            place, "--cap", "CAP_KILL", "--cap", "CAP_AUDIT_WRITE", id, "cat", "/proc/self/status");
    for (String set : List.of("CapPrm", "CapEff", "CapBnd")) {
      equal("0000000020000020", status(outcome, set), set);
    }
    equal("0000000000000000", status(outcome, "CapInh"), "CapInh");
    equal("0000000000000000", status(outcome, "CapAmb"), "CapAmb");
  }

  private static void privileges(Sandbox place) {
    place.config(config -> config.withObject("/process").put("noNewPrivileges", false));
    String id = LifecycleCases.running(place);
    String[] plain = {id, "cat", "/proc/self/status"};
    equal("0", status(exec(place, plain), "NoNewPrivs"), "NoNewPrivs");
    Command.Outcome outcome = exec(place, "--no-new-privs", id, "cat", "/proc/self/status");
    equal("1", status(outcome, "NoNewPrivs"), "NoNewPrivs");
  }

  private static void env(Sandbox place) {
    String id = LifecycleCases.running(place);
    String[] words = {"-e", "A=1", "-e", "A=2", "-e", "TERM=dumb", id, "sh", "-c", "echo $A $TERM"};
    equal("2 dumb\n", exec(place, words).ok().out(), "the output");
  }

  private static void cwd(Sandbox place) {
    String id = LifecycleCases.running(place);
    exec(place, "--cwd", "/never/there", id, "true").code(255).says("/never/there");
    equal("/bin\n", exec(place, "--cwd", "/bin", id, "pwd").ok().out(), "the folder");
  }

  private static void user(Sandbox place) {
    String id = LifecycleCases.running(place);
    exec(place, "--user", "web", id, "true").code(255).says("uid");
    exec(place, "--user", "0:web", id, "true").code(255).says("gid");
  }

  private static Command.Outcome shell(Sandbox place, String before, String... words) {
    String line = before + String.join(" ", place.runtimeWords(words));
    return Command.of("sh", "-c", line).in(place.bundle()).run();
  }

  private static void preserve(Sandbox place) throws IOException {
    String id = LifecycleCases.running(place);
    Path file = place.folder().resolve("kept");
    Files.writeString(file, "kept open\n");
    String before = "exec 3</dev/null 4<" + file + " 5</dev/null; ";
    Command.Outcome outcome =
        shell(place, before, "exec", "--preserve-fds", "2", id, "cat", "/proc/self/fd/4");
    equal("kept open\n", outcome.ok().out(), "what is read");
    String[] none = {"exec", id, "cat", "/proc/self/fd/4"};
    shell(place, before, none).code(1).says("No such file");
  }

  private static void preserveNone(Sandbox place) {
    assume(!place.isRunc(), "runc 1.1.5 finds its own descriptors there");
    String id = LifecycleCases.running(place);
    String[] words = {"exec", "--preserve-fds", "3", id, "true"};
    shell(place, "exec 3</dev/null 9<&-; ", words).code(255).says("preserved-fd");
  }

  private static void pidFile(Sandbox place) throws IOException {
    String id = LifecycleCases.running(place);
    Path file = place.folder().resolve("exec.pid");
    exec(place, "--pid-file", file.toString(), id, "true").ok();
    that(Files.readString(file).matches("[0-9]+"), "no pid in the file");
    exec(place, "--pid-file", "/never/there/pid", id, "true").code(255);
  }

  private static void console(Sandbox place) throws IOException {
    String id = LifecycleCases.running(place);
    Path path = place.folder().resolve("console.sock");
    try (SocketEnd end = SocketEnd.listen(path)) {
      String[] words = {"exec", "-d", "-t", "--console-socket", path.toString(), id, "sleep", "9"};
      LifecycleCases.detached(place, words);
      contains(end.received(), "/dev/");
    }
  }

  private static void noConsole(Sandbox place) {
    String id = LifecycleCases.running(place);
    exec(place, "-d", "-t", id, "true").code(255).says("without setting console socket");
    exec(place, "--console-socket", "/x", id, "true").code(255).says("cannot use console socket");
    exec(place, "-d", "-t", "--console-socket", "/never/there", id, "true").code(255);
  }

  private static void pidfd(Sandbox place) throws IOException {
    assume(!place.isRunc(), "runc 1.1.5 has no --pidfd-socket");
    String id = LifecycleCases.running(place);
    Path path = place.folder().resolve("pidfd.sock");
    try (SocketEnd end = SocketEnd.listen(path)) {
      exec(place, "--pidfd-socket", path.toString(), id, "true").ok();
      equal("setns", end.received(), "the message beside the handle");
    }
    exec(place, "--pidfd-socket", "/never/there", id, "true").code(255);
  }

  private static void paused(Sandbox place) {
    String id = LifecycleCases.running(place);
    place.runtime("pause", id).run().ok();
    exec(place, id, "true").code(255).says("cannot exec in a paused container");
    String resume = String.join(" ", place.runtimeWords("resume", id));
    String before = "(sleep 0.5; " + resume + ") & ";
    String[] words = {"exec", "--ignore-paused", id, "echo", "went", "on"};
    equal("went on\n", shell(place, before, words).ok().out(), "the output");
  }

  private static void version1() {
    assume(
        Files.exists(Path.of("/sys/fs/cgroup/memory/memory.limit_in_bytes")),
        "no cgroup v1 on this machine");
  }

  private static void cgroup(Sandbox place) throws IOException {
    version1();
    String id = LifecycleCases.running(place);
    Files.createDirectory(UpdateCases.path(id, "memory/below"));
    Files.createDirectory(UpdateCases.path(id, "pids/other"));
    String[] words = {"--cgroup", "memory:below", "--cgroup", "pids:/other", id, "cat"};
    String out =
        exec(place, Command.words(List.of(words), "/proc/self/cgroup").toArray(new String[0]))
            .ok()
            .out();
    contains(out, id + "/below\n");
    contains(out, id + "/other\n");
    contains(out, "devices:");
    that(!out.contains("/below/"), "too deep: " + out);
    exec(place, "--cgroup", "/", id, "true").ok();
  }

  private static void badCgroup(Sandbox place) {
    version1();
    String id = LifecycleCases.running(place);
    exec(place, "--cgroup", "..", id, "true").code(255).says("sub cgroup");
    exec(place, "--cgroup", "cpu:../..", id, "true").code(255).says("sub cgroup");
    exec(place, "--cgroup", "never", id, "true").code(255).says("adding pid");
    exec(place, "--cgroup", "whaaat:/", id, "true").code(255).says("unknown controller");
    assume(!place.isRunc(), "runc 1.1.5 takes a path without a controller for all of them");
    exec(place, "--cgroup", ":/a", id, "true").code(255).says("empty <controller> prefix");
    String[] two = {"--cgroup", "cpu:/", "--cgroup", "cpu:/", id, "true"};
    exec(place, two).code(255).says("specified multiple times");
    String[] mixed = {"--cgroup", "/a", "--cgroup", "cpu:/", id, "true"};
    exec(place, mixed).code(255).says("missing <controller>: prefix");
  }

  private static void apparmor(Sandbox place) {
    assume(!Files.exists(Path.of("/sys/module/apparmor")), "this kernel has AppArmor");
    String id = LifecycleCases.running(place);
    exec(place, "--apparmor", "web", id, "true").code(255).says("apparmor");
  }

  private static void selinux(Sandbox place) {
    assume(!Files.exists(Path.of("/sys/fs/selinux/enforce")), "this kernel has SELinux");
    String id = LifecycleCases.running(place);
    exec(place, "--process-label", "a:b:c", id, "true").code(255).says("selinux");
  }

  private static void config(Sandbox place) {
    String id = LifecycleCases.running(place);
    place.config(config -> {
      config.withObject("/process").put("cwd", "/tmp");
      config.withObject("/process").withArray("/env").add("LATER=yes");
    });
    String out = exec(place, id, "sh", "-c", "pwd; echo $LATER").ok().out();
    equal("/tmp\nyes\n", out, "the output");
  }

  private static Command.Outcome process(Sandbox place, String id, String json) throws IOException {
    Path file = place.folder().resolve("process.json");
    Files.writeString(file, json);
    return exec(place, "--process", file.toString(), id);
  }

  private static void badProcess(Sandbox place) throws IOException {
    String id = LifecycleCases.running(place);
    process(place, id, "{\"args\":[\"true\"]}").code(255);
    process(place, id, "{\"cwd\":\"/\"}").code(255);
    process(place, id, "{\"cwd\":").code(255);
    exec(place, "--process", "/never/there", id).code(255).says("no such file");
    exec(place, id).code(255);
  }

  // What a process does not name confines it all the same.
  private static void rest(Sandbox place) throws IOException {
    place.config(config -> {
      var process = config.withObject("/process");
      process.put("oomScoreAdj", 500).withObject("/user").put("umask", 63);
      process.withObject("/capabilities").putArray("bounding").add("CAP_KILL");
      process.withObject("/capabilities").putArray("permitted").add("CAP_KILL");
      process.withObject("/capabilities").putArray("effective").add("CAP_KILL");
      var limit = process.putArray("rlimits").addObject();
      limit.put("type", "RLIMIT_NOFILE").put("soft", 77).put("hard", 88);
    });
    String id = LifecycleCases.running(place);
    // Later changes of the bundle are not the container's.
    place.config(config -> config.withObject("/process").put("oomScoreAdj", 600));
    String common = "grep -E 'Cap(Prm|Bnd)' /proc/self/status; cat /proc/self/oom_score_adj";
    String start = "{\"cwd\":\"/\",\"env\":[\"PATH=/bin\"],\"args\":[\"sh\",\"-c\",\"" + common;
    String caps = "0000000000000020\n";
    String out = process(place, id, start + "\"]}").ok().out();
    equal("CapPrm:\t" + caps + "CapBnd:\t" + caps + "500\n", out, "what the container gives");
    String bare = start + "\"],\"capabilities\":{}}";
    contains(process(place, id, bare).ok().out(), "CapBnd:\t0000000000000000");
    assume(!place.isRunc(), "runc 1.1.5 leaves umask and limits to those of its caller");
    out = process(place, id, start + "; umask; ulimit -n\"]}").ok().out();
    contains(out, "\n500\n0077\n77\n");
  }

  private static void affinity(Sandbox place) throws IOException {
    assume(!place.isRunc(), "runc 1.1.5 knows no execCPUAffinity");
    assume(Runtime.getRuntime().availableProcessors() > 1, "there is one processor");
    String id = LifecycleCases.running(place);
    String rest =
        "},\"cwd\":\"/\",\"args\":[\"/bin/grep\",\"" + ALLOWED + "\",\"/proc/self/status\"]}";
    String both = "{\"execCPUAffinity\":{\"initial\":\"0\",\"final\":\"1\"" + rest;
    equal(ALLOWED + ":\t1\n", process(place, id, both).ok().out(), "the processors");
    String first = "{\"execCPUAffinity\":{\"initial\":\"0\"" + rest;
    equal(ALLOWED + ":\t0\n", process(place, id, first).ok().out(), "the processors");
    String none = "{\"execCPUAffinity\":{\"final\":\"8000\"" + rest;
    process(place, id, none).code(255).says("error setting final CPU affinity");
    String bad = "{\"execCPUAffinity\":{\"initial\":\"3-1\"" + rest;
    process(place, id, bad).code(255).says("affinity");
  }

  private static void unbound(Sandbox place) {
    assume(!place.isRunc(), "runc 1.1.5 leaves the caller's binding");
    assume(Runtime.getRuntime().availableProcessors() > 1, "there is one processor");
    assume(Files.exists(Path.of("/usr/bin/taskset")), "taskset(1) is not there");
    place.args("grep", ALLOWED, "/proc/self/status");
    String all = place.run().ok().out();
    equal(all, shell(place, "taskset -c 0 ", "run", place.container()).ok().out(), "for run");
    String id = LifecycleCases.running(place.args("sleep", "100"));
    String[] words = {"exec", id, "grep", ALLOWED, "/proc/self/status"};
    equal(all, shell(place, "taskset -c 0 ", words).ok().out(), "for exec");
  }

  private static void failures(Sandbox place) throws IOException {
    String id = LifecycleCases.running(place);
    exec(place, id, "no-such-binary")
        .code(255)
        .says("exec failed: unable to start container process: exec: ")
        .says("executable file not found in $PATH");
    exec(place, "never-there", "true").code(255).says("container does not exist");
    Path log = place.folder().resolve("log.json");
    List<String> globals = List.of("--log", log.toString(), "--log-format", "json");
    place
        .runtime(Command.words(globals, "exec", "--cwd", "/x", id, "true").toArray(new String[0]))
        .run()
        .code(255);
    contains(Files.readString(log), "\"exec failed: ");
    place.runtime("kill", id, "KILL").run().ok();
    LifecycleCases.awaitStopped(place, id);
    exec(place, id, "true").code(255).says("cannot exec in a stopped container");
  }

  private static void flagsEnd(Sandbox place) {
    String id = LifecycleCases.running(place);
    equal("-d --cwd\n", exec(place, id, "echo", "-d", "--cwd").ok().out(), "the output");
  }
}
