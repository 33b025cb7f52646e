package dev.jrunc.conformance.engines;

import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.engines.Option.Words;
import dev.jrunc.conformance.harness.Command.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What people do with Docker's command line, and so with Podman's. */
final class EverydayChecks {
  private static final int ENGINE_FAILED = 125;
  private static final int NOT_EXECUTABLE = 126;
  private static final int NOT_FOUND = 127;
  private static final int KILLED = 137;

  private EverydayChecks() {}

  static List<Check<CommandLineEngine>> all() {
    return List.of(
        new Check<>("exit codes 125, 126 and 127 of run", EverydayChecks::codes),
        new Check<>("exit codes 126 and 127 of exec", EverydayChecks::execCodes),
        new Check<>("users by name, and further groups", EverydayChecks::users),
        new Check<>("create, start --attach, and start again", EverydayChecks::startAgain),
        new Check<>("logs keep both streams, and follow to the end", EverydayChecks::logs),
        new Check<>("stop says TERM, and KILL after its time", EverydayChecks::stop),
        new Check<>("the signal to stop by can be chosen", EverydayChecks::stopSignal),
        new Check<>("restart begins anew with the same name", EverydayChecks::restart),
        new Check<>("a program that fails is started again", EverydayChecks::restartPolicy),
        new Check<>("inspect tells status, process and times", EverydayChecks::inspect),
        new Check<>("update changes memory, processors and shares", EverydayChecks::update),
        new Check<>("a program of init reaps", EverydayChecks::init),
        new Check<>("cp out of and into a container", EverydayChecks::copy),
        new Check<>("prune removes what has ended and nothing else", EverydayChecks::prune),
        new Check<>("attach hands on input and output", EverydayChecks::attach));
  }

  private static Outcome end(Place<CommandLineEngine> place, String... words) {
    return place.engine().client(words).run();
  }

  private static void codes(Place<CommandLineEngine> place) {
    place.run(List.of(Words.of("--no-such-flag")), "true").run().code(ENGINE_FAILED);
    place.run(List.of(), TestImage.NOT_EXECUTABLE).run().code(NOT_EXECUTABLE);
    place.run(List.of(), "/tmp").run().code(NOT_EXECUTABLE);
    place.run(List.of(), "never-there").run().code(NOT_FOUND);
    place.run(List.of(), "/never/there").run().code(NOT_FOUND);
  }

  private static void execCodes(Place<CommandLineEngine> place) {
    String id = place.waiting();
    // Docker says 126 for both.
    int notFound = place.engine() instanceof Docker ? NOT_EXECUTABLE : NOT_FOUND;
    place.engine().exec(id, List.of(), "never-there").run().code(notFound);
    place.engine().exec(id, List.of(), TestImage.NOT_EXECUTABLE).run().code(NOT_EXECUTABLE);
    place.engine().exec("never-there", List.of(), "true").run().says("o such container");
  }

  private static void users(Place<CommandLineEngine> place) {
    equal(
        "uid=1000(web) gid=1000(web) groups=1000(web),2000(log)",
        place.run(List.of(new Option.User("web")), "id").run().ok().out().trim(),
        "the user web");
    List<Option> options = List.of(new Option.User("5:6"), Words.of("--group-add", "7"));
    String said = place.run(options, "id").run().ok().out();
    that(said.matches("uid=5\\b.* gid=6\\b.* groups=.*\\b7\\b.*\n"), said);
    place.run(List.of(new Option.User("nobody-here")), "id").run().says("nobody-here");
  }

  private static void startAgain(Place<CommandLineEngine> place) {
    String id = place.container();
    String script = "echo x >>/tmp/times; wc -l </tmp/times; exit 4";
    place.engine().create(id, List.of(), "sh", "-c", script).run().ok();
    equal("created", place.engine().status(id), "the status");
    equal("1\n", end(place, "start", "--attach", id).code(4).out(), "the first time");
    equal("exited", place.engine().status(id), "the status");
    equal("2\n", end(place, "start", "--attach", id).code(4).out(), "the second time");
  }

  private static void logs(Place<CommandLineEngine> place) {
    String id = place.started(List.of(), "echo out; echo err >&2; (sleep 0.5; echo late)");
    Outcome followed = end(place, "logs", "--follow", id).ok();
    equal("out\nlate\n", followed.out(), "the output");
    equal("err\n", followed.err(), "the errors");
    equal("late\n", end(place, "logs", "--tail", "1", id).ok().out(), "the last line");
  }

  private static void stop(Place<CommandLineEngine> place) {
    String obeys = place.started(List.of(), "trap 'exit 9' TERM; sleep 1000");
    end(place, "stop", "--time", "10", obeys).ok();
    equal(9, place.engine().exitCode(obeys), "the exit code of one that obeys");
    String refuses = place.started(List.of(), "trap '' TERM; sleep 1000");
    long begin = System.nanoTime();
    end(place, "stop", "--time", "1", refuses).ok();
    that(System.nanoTime() - begin >= 1_000_000_000L, "it had no time");
    equal(KILLED, place.engine().exitCode(refuses), "the exit code of one that refuses");
  }

  private static void stopSignal(Place<CommandLineEngine> place) {
    String id =
        place.started(List.of(Words.of("--stop-signal", "USR2")), "trap 'exit 8' USR2; sleep 1000");
    end(place, "stop", "--time", "10", id).ok();
    equal(8, place.engine().exitCode(id), "the exit code");
  }

  private static void restart(Place<CommandLineEngine> place) {
    String id = place.waiting();
    int before = place.engine().pid(id);
    end(place, "restart", "--time", "5", id).ok();
    equal("running", place.engine().status(id), "the status");
    that(place.engine().pid(id) != before, "it has the same process");
    place.engine().exec(id, List.of(), "true").run().ok();
  }

  private static void restartPolicy(Place<CommandLineEngine> place) throws Exception {
    String id = place.container();
    place
        .engine()
        .start(
            id,
            List.of(Words.of("--restart", "on-failure:2")),
            "sh",
            "-c",
            "echo x >>/tmp/times; wc -l </tmp/times; exit 1")
        .run()
        .ok();
    Waiting.until(
        () -> end(place, "logs", id).out().equals("1\n2\n3\n"), "it was not started three times");
    Waiting.untilStatus(place.engine(), id, "exited");
  }

  private static void inspect(Place<CommandLineEngine> place) throws Exception {
    String id = place.waiting();
    equal("true", place.engine().inspect(id, "{{.State.Running}}"), "running");
    int pid = place.engine().pid(id);
    that(Files.readString(Path.of("/proc/" + pid + "/cmdline")).startsWith("sh"), "not our sh");
    place.engine().kill(id, "TERM");
    equal(0, place.engine().exitCode(id), "the exit code");
    equal("0", place.engine().inspect(id, "{{.State.Pid}}"), "the process of an ended one");
    that(
        !place.engine().inspect(id, "{{.State.FinishedAt}}").startsWith("0001"),
        "the time of its end is missing");
  }

  private static void update(Place<CommandLineEngine> place) throws Exception {
    String id = place.waiting(new Option.Memory(64L << 20));
    int pid = place.engine().pid(id);
    end(
            place,
            "update",
            "--memory",
            "48m",
            "--memory-swap",
            "48m",
            "--cpu-shares",
            "512",
            "--cpus",
            "0.5",
            "--cpuset-cpus",
            "0",
            id)
        .ok();
    equal(
        String.valueOf(48L << 20),
        Groups.read(pid, "memory", "memory.limit_in_bytes"),
        "memory.limit_in_bytes");
    equal("512", Groups.read(pid, "cpu", "cpu.shares"), "cpu.shares");
    equal("50000", Groups.read(pid, "cpu", "cpu.cfs_quota_us"), "cpu.cfs_quota_us");
    equal("0", Groups.read(pid, "cpuset", "cpuset.cpus"), "cpuset.cpus");
    place.engine().exec(id, List.of(), "true").run().ok();
  }

  // The shell of the first process goes before its child, which process 1 must then take.
  private static void init(Place<CommandLineEngine> place) {
    String id = place.started(List.of(Words.of("--init")), "(sleep 0.2 & exec true); sleep 1000");
    String first = place.engine().exec(id, List.of(), "cat", "/proc/1/cmdline").run().ok().out();
    contains(first, "init");
    Waiting.pause(500);
    String states = place.engine().exec(id, List.of(), "ps", "-o", "stat").run().ok().out();
    that(!states.contains("Z"), "nobody reaps:\n" + states);
    place.engine().kill(id, "TERM");
    equal(0, place.engine().exitCode(id), "the exit code, which init hands on");
  }

  private static void copy(Place<CommandLineEngine> place) throws Exception {
    String id = place.started(List.of(), "echo inside >/tmp/a; sleep 1000");
    Path file = place.folder().resolve("a");
    Waiting.until(
        () -> end(place, "cp", id + ":/tmp/a", file.toString()).code() == 0, "no file to copy");
    equal("inside\n", Files.readString(file), "the copy");
    Files.writeString(file, "outside\n");
    end(place, "cp", file.toString(), id + ":/tmp/b").ok();
    equal(
        "outside\n",
        place.engine().exec(id, List.of(), "cat", "/tmp/b").run().ok().out(),
        "the file");
    place.engine().kill(id, "KILL");
    equal(KILLED, place.engine().exitCode(id), "the exit code");
    end(place, "cp", id + ":/tmp/b", file.toString()).ok();
  }

  private static void prune(Place<CommandLineEngine> place) {
    String ended = place.started(List.of(), "true");
    String running = place.waiting();
    equal(0, place.engine().exitCode(ended), "the exit code");
    end(place, "container", "prune", "--force").ok();
    equal("running", place.engine().status(running), "the status of the one that runs");
    that(end(place, "container", "inspect", ended).code() != 0, "the ended one is there");
  }

  private static void attach(Place<CommandLineEngine> place) {
    String id = place.container();
    place
        .engine()
        .start(
            id,
            List.of(new Option.Input()),
            "sh",
            "-c",
            "read line; echo got $line; sleep 0.5; exit 2")
        .run()
        .ok();
    // Docker's stops listening when its own input ends.
    Outcome attached =
        place
            .engine()
            .client("attach", id)
            .behind("sh", "-c", "(echo word; sleep 1) | exec \"$@\"", "-")
            .run();
    contains(attached.out(), "got word");
    equal(2, place.engine().exitCode(id), "the exit code");
  }
}
