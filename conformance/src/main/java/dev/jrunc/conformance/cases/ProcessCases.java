package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** The process: who it is and what it may do. */
final class ProcessCases {
  private static final String SECTION = "config.md Process";

  private ProcessCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("user, group and additional groups", SECTION, ProcessCases::user),
        Case.of("umask", SECTION, ProcessCases::umask),
        Case.of("environment is that of the config", SECTION, ProcessCases::environment),
        Case.of("HOME comes from the container's passwd", "runc", ProcessCases::home),
        Case.of("working directory, made where missing", SECTION, ProcessCases::cwd),
        Case.of("rlimits", "config.md POSIX process", ProcessCases::rlimits),
        Case.of("capabilities are the config's", "config.md Linux Process", ProcessCases::caps),
        Case.of("no capabilities at all", "config.md Linux Process", ProcessCases::noCaps),
        Case.of("noNewPrivileges", "config.md Linux Process", ProcessCases::privileges),
        Case.of("oom score", "config.md Linux Process", ProcessCases::oomScore),
        Case.of("seccomp refuses with an error", "config-linux.md Seccomp", ProcessCases::errno),
        Case.of("seccomp kills", "config-linux.md Seccomp", ProcessCases::kills),
        Case.of("seccomp compares arguments", "config-linux.md Seccomp", ProcessCases::arguments),
        Case.of("seccomp holds for exec", "runc exec", ProcessCases::execFilter),
        Case.of("seccomp without noNewPrivileges", "config-linux.md", ProcessCases::unprivileged),
        Case.of("a second start uses the cached filter", "ours", ProcessCases::cached),
        Case.of("a terminal in the foreground", SECTION, ProcessCases::terminal),
        Case.of("a terminal for exec", "runc exec --tty", ProcessCases::execTerminal),
        Case.of("standard input is the caller's", "runc run", ProcessCases::input),
        Case.of("personality", "config-linux.md Personality", ProcessCases::personality));
  }

  private static ObjectNode process(ObjectNode config) {
    return config.withObject("/process");
  }

  private static void user(Sandbox place) {
    place.config(config ->
        process(config)
            .putObject("user")
            .put("uid", 1000)
            .put("gid", 1001)
            .putArray("additionalGids")
            .add(5)
            .add(6));
    String out = place.script("id -u; id -g; id -G").run().ok().out();
    equal("1000\n1001\n1001 5 6\n", out, "the ids");
  }

  private static void umask(Sandbox place) {
    equal("0022\n", place.script("umask").run().ok().out(), "the default");
    place.config(config -> process(config).withObject("/user").put("umask", 63));
    equal("0077\n", place.script("umask").run().ok().out(), "the umask");
  }

  private static void environment(Sandbox place) {
    place.config(
        config -> process(config).putArray("env").add("PATH=/bin").add("A=1").add("HOME=/x"));
    String out = place.args("env").run().ok().out();
    equal(List.of("A=1", "HOME=/x", "PATH=/bin"), out.lines().sorted().toList(), "the environment");
  }

  private static void home(Sandbox place) throws Exception {
    equal("/root\n", place.script("echo $HOME").run().ok().out(), "HOME of root");
    place.config(config -> process(config).putObject("user").put("uid", 1000).put("gid", 1000));
    equal("/home/web\n", place.script("echo $HOME").run().ok().out(), "HOME of web");
    // Images have it, and the user it is asked for cannot read it.
    Files.setPosixFilePermissions(
        place.rootfs().resolve("etc/passwd"), PosixFilePermissions.fromString("rw-------"));
    equal("/home/web\n", place.script("echo $HOME").run().ok().out(), "HOME of web");
    String id = LifecycleCases.running(place.args("sleep", "100"));
    String inside = place.runtime("exec", id, "sh", "-c", "echo $HOME").run().ok().out();
    equal("/home/web\n", inside, "HOME for exec");
  }

  private static void cwd(Sandbox place) {
    place.config(Writable::root);
    place.config(config -> process(config).put("cwd", "/made/here"));
    equal("/made/here\n", place.args("pwd").run().ok().out(), "the working directory");
  }

  private static void rlimits(Sandbox place) {
    place.config(config ->
        process(config)
            .putArray("rlimits")
            .addObject()
            .put("type", "RLIMIT_NOFILE")
            .put("soft", 123)
            .put("hard", 456));
    equal("123\n456\n", place.script("ulimit -Sn; ulimit -Hn").run().ok().out(), "the limits");
  }

  private static String status(Sandbox place, String field) {
    String out = place.args("grep", "^" + field, "/proc/self/status").run().ok().out();
    return out.substring(out.indexOf('\t') + 1).trim();
  }

  private static void caps(Sandbox place) {
    // AUDIT_WRITE 29, KILL 5, NET_BIND_SERVICE 10
    String expected = "0000000020000420";
    for (String set : List.of("CapBnd", "CapEff", "CapPrm")) {
      equal(expected, status(place, set), set);
    }
    equal("0000000000000000", status(place, "CapAmb"), "CapAmb");
  }

  private static void noCaps(Sandbox place) {
    place.config(config -> process(config).remove("capabilities"));
    equal("0000000000000000", status(place, "CapEff"), "CapEff");
    equal("0000000000000000", status(place, "CapBnd"), "CapBnd");
  }

  private static void privileges(Sandbox place) {
    equal("1", status(place, "NoNewPrivs"), "NoNewPrivs");
    place.config(config -> process(config).put("noNewPrivileges", false));
    equal("0", status(place, "NoNewPrivs"), "NoNewPrivs");
  }

  private static void oomScore(Sandbox place) {
    place.config(config -> process(config).put("oomScoreAdj", 321));
    equal("321\n", place.args("cat", "/proc/self/oom_score_adj").run().ok().out(), "the score");
  }

  private static ObjectNode rule(ObjectNode config, String name, String action) {
    ObjectNode seccomp = config.withObject("/linux/seccomp");
    seccomp.put("defaultAction", "SCMP_ACT_ALLOW");
    seccomp.putArray("architectures").add("SCMP_ARCH_X86_64").add("SCMP_ARCH_X86");
    ObjectNode rule = seccomp.withArray("/syscalls").addObject();
    rule.putArray("names").add(name);
    rule.put("action", action);
    return rule;
  }

  private static void errno(Sandbox place) {
    place.config(Writable::root);
    place.config(config -> rule(config, "mkdir", "SCMP_ACT_ERRNO").put("errnoRet", 5));
    place.config(config -> rule(config, "mkdirat", "SCMP_ACT_ERRNO").put("errnoRet", 5));
    place.script("mkdir /x").run().code(1).says("rror");
  }

  private static void kills(Sandbox place) {
    place.config(Writable::root);
    place.config(config -> rule(config, "mkdir", "SCMP_ACT_KILL_PROCESS"));
    place.config(config -> rule(config, "mkdirat", "SCMP_ACT_KILL_PROCESS"));
    equal(159, place.script("mkdir /x; exit $?").run().code(), "128 and SIGSYS");
  }

  private static void arguments(Sandbox place) {
    place.config(config -> {
      ObjectNode rule = rule(config, "kill", "SCMP_ACT_ERRNO");
      ArrayNode args = rule.putArray("args");
      args.addObject().put("index", 1).put("value", 12).put("op", "SCMP_CMP_EQ");
    });
    place.script("kill -0 1").run().ok();
    that(place.script("kill -12 1").run().code() != 0, "signal 12 is not refused");
  }

  private static void execFilter(Sandbox place) {
    place.config(config -> rule(config, "mkdir", "SCMP_ACT_ERRNO"));
    place.config(config -> rule(config, "mkdirat", "SCMP_ACT_ERRNO"));
    place.config(Writable::root);
    String id = LifecycleCases.running(place);
    place.runtime("exec", id, "mkdir", "/x").run().code(1);
  }

  private static void unprivileged(Sandbox place) {
    place.config(config -> process(config).put("noNewPrivileges", false));
    errno(place);
  }

  private static void cached(Sandbox place) {
    place.config(Writable::root);
    place.config(config -> rule(config, "mkdir", "SCMP_ACT_ERRNO"));
    place.config(config -> rule(config, "mkdirat", "SCMP_ACT_ERRNO"));
    for (int i = 0; i < 3; i++) {
      place.script("mkdir /x").run().code(1);
    }
  }

  private static void terminal(Sandbox place) {
    assume(Files.exists(Path.of("/usr/bin/script")), "script(1) is not there");
    place.config(config -> process(config).put("terminal", true));
    place.script("tty; stty size; test -t 0 && test -t 1 && echo both");
    String run = String.join(" ", place.runtimeWords("run", place.container()));
    Command.Outcome outcome =
        Command.of("script", "-qec", run, "/dev/null").in(place.bundle()).keepInput().run();
    contains(outcome.all(), "/dev/pts/0");
    contains(outcome.all(), "both");
  }

  private static void execTerminal(Sandbox place) {
    assume(Files.exists(Path.of("/usr/bin/script")), "script(1) is not there");
    String id = LifecycleCases.running(place);
    String run = String.join(" ", place.runtimeWords("exec", "--tty", id, "tty"));
    Command.Outcome outcome =
        Command.of("script", "-qec", run, "/dev/null").in(place.bundle()).keepInput().run();
    contains(outcome.all(), "/dev/pts/0");
  }

  private static void input(Sandbox place) {
    Command.Outcome outcome =
        place.args("cat").runtime("run", place.container()).input("through\n").run().ok();
    equal("through\n", outcome.out(), "the output");
  }

  private static void personality(Sandbox place) {
    assume(!place.isRunc(), "runc 1.1.5 knows no personality");
    place.config(config -> config.withObject("/linux/personality").put("domain", "LINUX32"));
    equal("00000008\n", place.args("cat", "/proc/self/personality").run().ok().out(), "");
  }
}
