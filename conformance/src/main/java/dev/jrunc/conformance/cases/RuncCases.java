package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What no specification says and runc's own integration tests hold runc to. */
final class RuncCases {
  private static final String NEWER = "so it is since runc 1.2 or later";

  private RuncCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("a hook inside has the program's environment", "hooks.bats", RuncCases::inherits),
        Case.of("a hook inside is under the filter", "seccomp.bats", RuncCases::filtered),
        Case.of("a hook for the container begins in its root", "hooks.bats", RuncCases::begins),
        Case.of("what waits for start holds no file of ours", "create.bats", RuncCases::waits),
        Case.of("a path masked twice is mounted over once", "mask.bats", RuncCases::masksOnce),
        Case.of("options of a bind mount replace its source's", "mounts.bats", RuncCases::replaces),
        Case.of("a bind mount without options keeps them", "mounts.bats", RuncCases::keeps),
        Case.of("KILL ends all where pids are shared", "kill.bats", RuncCases::killsAll),
        Case.of("a debug log has runc's landmarks", "debug.bats", RuncCases::landmarks),
        Case.of("a warning of ambient capabilities", "capabilities.bats", RuncCases::ambient),
        Case.of("a warning of what has no effect", "runc run", RuncCases::noEffect),
        Case.of(
            "a capability lets a program be executed", "start_hello.bats", RuncCases::mayExecute));
  }

  private static void hook(ObjectNode config, String kind, String script) {
    ObjectNode hook = config.withObject("/hooks").withArray("/" + kind).addObject();
    hook.put("path", "/bin/sh").putArray("args").add("sh").add("-c").add(script);
  }

  private static void inherits(Sandbox place) {
    place.config(config -> {
      ((ObjectNode) config.path("process")).putArray("env").add("PATH=/bin").add("FOO=bar");
      hook(config, "startContainer", "test $FOO = bar && test -n \"$HOME\"");
    });
    assume(!place.isRunc(), NEWER);
    place.args("true").run().ok();
  }

  private static void filtered(Sandbox place) {
    place.config(config -> {
      ObjectNode seccomp = config.withObject("/linux/seccomp");
      seccomp.put("defaultAction", "SCMP_ACT_ALLOW");
      ObjectNode rule = seccomp.putArray("syscalls").addObject();
      rule.put("action", "SCMP_ACT_KILL").putArray("names").add("mkdir").add("mkdirat");
      hook(config, "startContainer", "mkdir /dev/shm/foo");
    });
    place.args("true").run().code(1).says("error running").says("bad system call");
  }

  private static void begins(Sandbox place) {
    place.config(Writable::root);
    place.config(config -> hook(config, "createContainer", "touch made-here"));
    place.args("true").run().ok();
    that(Files.exists(place.rootfs().resolve("made-here")), "the hook began elsewhere");
  }

  private static void waits(Sandbox place) throws IOException {
    String id = LifecycleCases.created(place.args("true"));
    Path folder = Path.of("/proc", pid(place, id), "fd");
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String target = Files.readSymbolicLink(file).toString();
        boolean stream = Integer.parseInt(file.getFileName().toString()) <= 2;
        boolean held = !stream && target.startsWith("/") && !target.equals("/");
        that(!held || target.endsWith("/exec.fifo"), "it holds " + target);
      }
    }
  }

  private static String pid(Sandbox place, String id) throws IOException {
    return new ObjectMapper()
        .readTree(place.runtime("state", id).run().ok().out())
        .path("pid")
        .asText();
  }

  private static void masksOnce(Sandbox place) {
    place.config(config ->
        config.withObject("/linux").putArray("maskedPaths").add("/proc/acpi").add("/proc/acpi"));
    assume(!place.isRunc(), NEWER);
    equal(
        "1\n", place.script("grep -c ' /proc/acpi ' /proc/self/mounts").run().ok().out(), "masks");
  }

  private static String options(Sandbox place, String... options) {
    place.config(config ->
        Sandbox.mount(
            config, "/mnt", "bind", place.folder().resolve("source").toString(), options));
    return place.script("awk '$2 == \"/mnt\" { print $4 }' /proc/self/mounts").run().ok().out();
  }

  private static void replaces(Sandbox place) throws Exception {
    try (Restricted source = Restricted.mount(place.folder().resolve("source"))) {
      String found = options(place, "bind", "ro");
      assume(!place.isRunc(), NEWER);
      contains(found, "ro");
      that(!found.contains("nosuid") && !found.contains("noexec"), source.path() + ": " + found);
    }
  }

  private static void keeps(Sandbox place) throws Exception {
    try (Restricted source = Restricted.mount(place.folder().resolve("source"))) {
      String found = options(place, "bind");
      that(found.contains("nosuid") && found.contains("noexec"), source.path() + ": " + found);
    }
  }

  private static void killsAll(Sandbox place) throws Exception {
    place.config(config -> Sandbox.without(config, "pid"));
    String id = LifecycleCases.running(place.args("sleep", "100"));
    Path other = place.folder().resolve("other");
    LifecycleCases.detached(
        place, "exec", "--detach", "--pid-file", other.toString(), id, "sleep", "100");
    assume(!place.isRunc(), NEWER);
    place.runtime("kill", id, "KILL").run().ok();
    Path state = Path.of("/proc", Files.readString(other).trim(), "stat");
    for (int i = 0; i < 100 && runs(state); i++) {
      Thread.sleep(50);
    }
    that(!runs(state), "the other process goes on");
  }

  private static boolean runs(Path stat) {
    try {
      return !Files.readString(stat).contains(") Z ");
    } catch (IOException gone) {
      return false;
    }
  }

  private static void landmarks(Sandbox place) {
    place.args("true").globals("--debug");
    String told = place.run().ok().all();
    contains(told, "level=debug");
    contains(told, "nsexec container setup");
    contains(told, "child process in init()");
    contains(told, "init: closing the pipe to signal completion");
  }

  private static void ambient(Sandbox place) {
    assume(!place.isRunc(), NEWER);
    place.config(config -> {
      ObjectNode sets = config.withObject("/process/capabilities");
      sets.putArray("inheritable").add("CAP_KILL");
      sets.putArray("ambient").add("CAP_KILL").add("CAP_NET_BIND_SERVICE");
    });
    place.args("true").run().ok().says("can't raise ambient capability CAP_NET_BIND_SERVICE: ");
  }

  private static void noEffect(Sandbox place) {
    place.config(config -> {
      Sandbox.mount(config, "tmp", "tmpfs", "tmpfs");
      config.withObject("/process/capabilities").withArray("/bounding").add("CAP_OF_NOBODY");
      config.withObject("/linux/resources/memory").put("kernel", 1 << 30);
    });
    String said = place.script("test ! -e /tmp/x; ls -d /tmp").run().ok().all();
    contains(said, "/tmp");
    contains(said, "CAP_OF_NOBODY");
    contains(said, "mount destination tmp");
    contains(said.toLowerCase(java.util.Locale.ROOT), "kernel memory");
  }

  private static void mayExecute(Sandbox place) throws Exception {
    Path program = place.rootfs().resolve("own/true");
    Files.createDirectories(program.getParent());
    Files.copy(place.rootfs().resolve("bin/busybox"), program);
    Files.setPosixFilePermissions(
        program, java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
    place.config(config -> {
      ((ObjectNode) config.path("process")).putObject("user").put("uid", 1000).put("gid", 100);
      ObjectNode sets = config.withObject("/process/capabilities");
      for (String set : List.of("bounding", "effective", "permitted", "inheritable", "ambient")) {
        sets.withArray("/" + set).add("CAP_DAC_OVERRIDE");
      }
    });
    place.args("/own/true").run().ok();
  }

  /** A mount of its own whose attributes restrict what may be done in it. */
  private record Restricted(Path path) implements AutoCloseable {
    static Restricted mount(Path path) throws IOException {
      Files.createDirectories(path);
      run("mount", "-t", "tmpfs", "tmpfs", path.toString());
      run("mount", "-o", "remount,bind,nosuid,noexec", path.toString());
      return new Restricted(path);
    }

    @Override
    public void close() throws IOException {
      run("umount", path.toString());
    }

    private static void run(String... words) throws IOException {
      Process process = new ProcessBuilder(words).inheritIO().start();
      int code = process.onExit().join().exitValue();
      that(code == 0, String.join(" ", words) + " ended with " + code);
    }
  }
}
