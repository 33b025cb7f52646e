package dev.jrunc.conformance.engines;

import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.engines.Option.Words;
import dev.jrunc.conformance.harness.Command.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What only containerd does, or ctr lets one do. */
final class ContainerdChecks {
  private static final int SHIFT = 100000;

  private ContainerdChecks() {}

  static List<Check<? super Containerd>> all() {
    List<Check<? super Containerd>> all = new ArrayList<>(SharedChecks.all());
    all.addAll(ConfinementChecks.all());
    all.addAll(own());
    return all;
  }

  private static List<Check<Containerd>> own() {
    return List.of(
        new Check<>("a user namespace with mapped ids", ContainerdChecks::userNamespace),
        new Check<>("a folder as root file system", ContainerdChecks::rootfs),
        new Check<>("no pivot_root", ContainerdChecks::noPivot),
        new Check<>("output into a file", ContainerdChecks::log),
        new Check<>("the file of the process number", ContainerdChecks::pidFile),
        new Check<>("processor shares", ContainerdChecks::shares),
        new Check<>("a cgroup of one's own", ContainerdChecks::cgroup),
        new Check<>("events tell of start, exec and end", ContainerdChecks::events),
        new Check<>("one name in two namespaces of containerd", ContainerdChecks::twoNamespaces),
        new Check<>("a container outlives the daemon", ContainerdChecks::restart),
        new Check<>("a checkpoint is refused in words", ContainerdChecks::checkpoint));
  }

  private static void userNamespace(Place<Containerd> place) throws Exception {
    String range = "0:" + SHIFT + ":5000";
    String id = place.waiting(Words.of("--uidmap", range, "--gidmap", range));
    equal("root\n", place.engine().exec(id, List.of(), "id", "-un").run().ok().out(), "inside");
    String uids = Processes.status(place.engine().pid(id), "Uid");
    that(uids.startsWith(SHIFT + "\t"), "outside it is " + uids);
  }

  private static void rootfs(Place<Containerd> place) throws Exception {
    Path root = place.folder().resolve("root");
    Files.createDirectories(root.resolve("bin"));
    Files.copy(Path.of("/bin/busybox"), root.resolve("bin/busybox"));
    List<String> words = new ArrayList<>(List.of("run", "--rm"));
    words.addAll(place.engine().runtimeWords());
    words.addAll(List.of("--rootfs", root.toString(), place.container()));
    words.addAll(List.of("/bin/busybox", "echo", "plain"));
    Outcome outcome = place.engine().client(words.toArray(String[]::new)).run().ok();
    equal("plain\n", outcome.out(), "the output");
  }

  private static void noPivot(Place<Containerd> place) {
    Outcome outcome = place.script(List.of(Words.of("--no-pivot")), "ls /bin/busybox; ls /work");
    contains(outcome.out(), "/bin/busybox");
    contains(outcome.err(), "/work: No such file");
  }

  private static void log(Place<Containerd> place) throws Exception {
    Path log = place.folder().resolve("log");
    place.started(
        List.of(Words.of("--log-uri", "file://" + log)), "(echo out; echo err >&2; sleep 1000)");
    Waiting.until(
        // Of two pipes: which is read first is not said.
        () -> Files.exists(log) && Set.of("out", "err").equals(Set.copyOf(Files.readAllLines(log))),
        "not all in " + log);
  }

  private static void pidFile(Place<Containerd> place) throws Exception {
    Path file = place.folder().resolve("pid");
    String id = place.waiting(Words.of("--pid-file", file.toString()));
    equal(String.valueOf(place.engine().pid(id)), Files.readString(file).trim(), "the file");
  }

  private static void shares(Place<Containerd> place) throws Exception {
    int pid = place.engine().pid(place.waiting(Words.of("--cpu-shares", "512")));
    equal("512", Groups.read(pid, "cpu", "cpu.shares"), "cpu.shares");
  }

  private static void cgroup(Place<Containerd> place) throws Exception {
    String path = "/own-" + Processes.self() + "/deep";
    int pid = place.engine().pid(place.waiting(Words.of("--cgroup", path)));
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/cgroup"))) {
      that(line.startsWith("0:") || line.endsWith(":" + path), line);
    }
  }

  private static void events(Place<Containerd> place) throws Exception {
    Path file = place.folder().resolve("events");
    Process events = place.engine().client("events").intoFile(file).start();
    try {
      Waiting.pause(300);
      String id = place.waiting();
      place.engine().exec(id, List.of(), "true").run().ok();
      place.engine().kill(id, "TERM");
      place.engine().exitCode(id);
      Waiting.pause(300);
    } finally {
      events.destroy();
    }
    String said = Files.readString(file);
    for (String event :
        List.of("create", "start", "exec-added", "exec-started", "exit", "delete")) {
      contains(said, " /tasks/" + event + " ");
    }
  }

  private static void twoNamespaces(Place<Containerd> place) throws Exception {
    String id = place.waiting();
    List<String> words = new ArrayList<>(List.of("--namespace", "second", "run", "--rm"));
    Path image = place.engine().folder().resolve("image.tar");
    place.engine().client("--namespace", "second", "image", "import", image.toString()).run().ok();
    words.addAll(place.engine().runtimeWords());
    words.addAll(List.of(TestImage.NAME, id, "echo", "the other"));
    Outcome outcome = place.engine().client(words.toArray(String[]::new)).run().ok();
    equal("the other\n", outcome.out(), "the output");
    equal("running", place.engine().status(id), "the status of the first");
  }

  private static void restart(Place<Containerd> place) {
    String id = place.started(List.of(), "trap 'exit 5' TERM; sleep 1000");
    int pid = place.engine().pid(id);
    place.engine().crash();
    equal("running", place.engine().status(id), "the status");
    equal(pid, place.engine().pid(id), "the process");
    place.engine().exec(id, List.of(), "true").run().ok();
    place.engine().kill(id, "TERM");
    equal(5, place.engine().exitCode(id), "the exit code");
  }

  private static void checkpoint(Place<Containerd> place) {
    String id = place.waiting();
    Outcome outcome = place.engine().client("task", "checkpoint", id).run();
    that(outcome.code() != 0, "ended well");
    equal("running", place.engine().status(id), "the status");
  }
}
