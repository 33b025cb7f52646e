package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a hostile image or config must not reach; each names the weakness it is about. */
final class SecurityCases {
  private SecurityCases() {}

  static List<Case> all() {
    return List.of(
        Case.of(
            "/proc as a link is refused",
            "CVE-2023-27561, CVE-2019-19921, CVE-2025-54867",
            SecurityCases::procLink),
        Case.of("/sys as a link is refused", "CVE-2023-28642", SecurityCases::sysLink),
        Case.of("no descriptor of the host is kept", "CVE-2024-21626", SecurityCases::leak),
        Case.of("a working directory by descriptor", "CVE-2024-21626", SecurityCases::cwd),
        Case.of("a FIFO at /dev/console is not waited for", "ours", SecurityCases::consoleFifo),
        Case.of("a mount over /proc/self", "CVE-2019-16884", SecurityCases::overProc),
        Case.of(
            "/dev as a link stays inside",
            "CVE-2026-41579, CVE-2026-47766",
            SecurityCases::devLink),
        Case.of("the runtime's file cannot be written", "CVE-2019-5736", SecurityCases::self),
        Case.of(
            "exec puts nothing into the inheritable set",
            "CVE-2022-29162, CVE-2025-27612",
            SecurityCases::inheritable),
        Case.of("a user that is no number", "CVE-2026-30892", SecurityCases::user));
  }

  private static void replace(Sandbox place, String name, String target) throws Exception {
    Sandbox.delete(place.rootfs().resolve(name));
    Files.createSymbolicLink(place.rootfs().resolve(name), Path.of(target));
  }

  private static void procLink(Sandbox place) throws Exception {
    Files.createDirectory(place.rootfs().resolve("elsewhere"));
    replace(place, "proc", "elsewhere");
    place.args("true").run().code(1).says("/proc");
  }

  private static void sysLink(Sandbox place) throws Exception {
    Files.createDirectory(place.rootfs().resolve("elsewhere"));
    replace(place, "sys", "elsewhere");
    place.args("true").run().code(1).says("/sys");
  }

  private static void leak(Sandbox place) {
    // 3 is the directory that ls reads.
    String out = place.args("ls", "/proc/self/fd").run().ok().out();
    equal("0\n1\n2\n3\n", out, "the descriptors");
    String id = LifecycleCases.running(place.args("sleep", "100"));
    String inside = place.runtime("exec", id, "ls", "/proc/self/fd").run().ok().out();
    equal("0\n1\n2\n3\n", inside, "the descriptors of exec");
  }

  private static void cwd(Sandbox place) {
    for (int number = 3; number < 20; number++) {
      String path = "/proc/self/fd/" + number;
      place.config(config -> config.withObject("/process").put("cwd", path));
      Command.Outcome outcome = place.args("pwd").run();
      that(outcome.code() != 0, path + " was taken: " + outcome.out());
    }
  }

  private static void consoleFifo(Sandbox place) {
    assume(Files.exists(Path.of("/usr/bin/script")), "script(1) is not there");
    place.config(config -> {
      config.withObject("/process").put("terminal", true);
      var mounts = config.withArray("/mounts");
      for (int i = mounts.size() - 1; i >= 0; i--) {
        if (mounts.get(i).path("destination").asText().equals("/dev")) {
          mounts.remove(i);
        }
      }
    });
    Command.of("mkfifo", place.rootfs().resolve("dev/console").toString()).run().ok();
    place.script("test -t 0 && test -c /dev/console && echo it is one");
    Command run = place.runtime("run", place.container()).behind("timeout", "20");
    contains(run.inTerminal().run().all(), "it is one");
  }

  private static void overProc(Sandbox place) {
    place.config(config -> Sandbox.mount(config, "/proc/self", "tmpfs", "tmpfs"));
    place.args("true").run().code(1).says("/proc");
  }

  private static void devLink(Sandbox place) throws Exception {
    assume(!place.isRunc(), "runc 1.1.5 has this weakness");
    Path outside = Files.createDirectory(place.folder().resolve("outside"));
    replace(place, "dev", outside.toString());
    place.args("true").run().ok();
    try (var files = Files.list(outside)) {
      equal(List.of(), files.toList(), "what was made outside");
    }
  }

  // The program of a container is the runtime itself, by way of the link that names it.
  private static void self(Sandbox place) throws Exception {
    assume(!place.isRunc(), "not tried on the host's runc");
    byte[] before = Files.readAllBytes(place.runtimePath());
    place.config(Writable::root);
    String id = LifecycleCases.running(place);
    place.runtime("exec", id, "/proc/self/exe", "--version").run();
    String script = "for p in /proc/[0-9]*; do (echo overwritten > $p/exe) 2>/dev/null; done; true";
    place.runtime("exec", id, "sh", "-c", script).run();
    that(
        java.util.Arrays.equals(before, Files.readAllBytes(place.runtimePath())),
        "the runtime was overwritten");
  }

  private static void inheritable(Sandbox place) {
    String id = LifecycleCases.running(place);
    String out =
        place
            .runtime("exec", "--cap", "CAP_NET_RAW", id, "grep", "CapInh", "/proc/self/status")
            .run()
            .ok()
            .out();
    equal("CapInh:\t0000000000000000\n", out, "the inheritable set");
  }

  private static void user(Sandbox place) {
    String id = LifecycleCases.running(place);
    assume(!place.isRunc(), "runc 1.1.5 takes 4294967296 for 0");
    for (String user : List.of("-1", "1x", "4294967296", "root")) {
      Command.Outcome outcome = place.runtime("exec", "--user=" + user, id, "id", "-u").run();
      that(outcome.code() != 0, "--user " + user + " was taken as " + outcome.out());
    }
  }
}
