package dev.jrunc.conformance.engines;

import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.harness.Command.Outcome;
import java.util.List;

/** How a program runs in a container: asked of every engine. */
final class SharedChecks {
  private static final int KILLED = 137;
  private static final int MANY = 20;

  private SharedChecks() {}

  static List<Check<Engine>> all() {
    return List.of(
        new Check<>("output, errors and exit code come through", SharedChecks::outcome),
        new Check<>("what the client reads reaches the program", SharedChecks::input),
        new Check<>("a program in a terminal has one", SharedChecks::terminal),
        new Check<>("a missing program is named", SharedChecks::missing),
        new Check<>("a file that is no program is named", SharedChecks::notExecutable),
        new Check<>("variables and working directory are as asked for", SharedChecks::environment),
        new Check<>("exec has output, exit code and directory", SharedChecks::exec),
        new Check<>("exec as another user", SharedChecks::execAsUser),
        new Check<>("exec in a terminal has one", SharedChecks::execTerminal),
        new Check<>("exec of a missing program is named", SharedChecks::execMissing),
        new Check<>("a signal reaches the program", SharedChecks::signal),
        new Check<>("a killed program has ended with 137", SharedChecks::killed),
        new Check<>("pause stops the program, resume lets it go on", SharedChecks::pause),
        new Check<>("a paused container can be killed", SharedChecks::killPaused),
        new Check<>("the processes are told", SharedChecks::processes),
        new Check<>("the use of memory is told", SharedChecks::memoryUse),
        new Check<>("no process outlives its container", SharedChecks::noneOutlives),
        new Check<>("twenty at once", SharedChecks::many));
  }

  private static void outcome(Place<Engine> place) {
    Outcome outcome = place.script(List.of(), "echo out; echo err >&2; exit 7").code(7);
    equal("out\n", outcome.out(), "the output");
    contains(outcome.err(), "err\n");
  }

  private static void input(Place<Engine> place) {
    Outcome outcome =
        place.run(List.of(new Option.Input()), "head", "-n", "2").input("one\ntwo\n").run().ok();
    equal("one\ntwo\n", outcome.out(), "what is read");
  }

  private static void terminal(Place<Engine> place) {
    List<Option> options = List.of(new Option.Terminal());
    String said =
        place.run(options, "sh", "-c", "tty; test -t 0 && echo is").inTerminal().run().ok().out();
    contains(said, "/dev/pts/0");
    contains(said, "is");
  }

  private static void missing(Place<Engine> place) {
    Outcome outcome = place.run(List.of(), "never-there").run();
    that(outcome.code() != 0, "ended well");
    outcome.says("exec: \"never-there\": executable file not found in $PATH");
  }

  private static void notExecutable(Place<Engine> place) {
    Outcome outcome = place.run(List.of(), TestImage.NOT_EXECUTABLE).run();
    that(outcome.code() != 0, "ended well");
    outcome.says("exec: \"" + TestImage.NOT_EXECUTABLE + "\": permission denied");
  }

  private static void environment(Place<Engine> place) {
    List<Option> options =
        List.of(new Option.Variable("COLOUR", "deep blue"), new Option.WorkingDirectory("/tmp"));
    equal(
        "deep blue /tmp\n",
        place.script(options, "echo $COLOUR $PWD").ok().out(),
        "what the program sees");
  }

  private static void exec(Place<Engine> place) {
    String id = place.waiting();
    List<Option> options = List.of(new Option.WorkingDirectory("/tmp"));
    Outcome outcome =
        place.engine().exec(id, options, "sh", "-c", "pwd; echo err >&2; exit 5").run().code(5);
    equal("/tmp\n", outcome.out(), "the output");
    contains(outcome.err(), "err\n");
  }

  private static void execAsUser(Place<Engine> place) {
    String id = place.waiting();
    List<Option> options = List.of(new Option.User("1000:1000"));
    String said = place.engine().exec(id, options, "id").run().ok().out();
    contains(said, "uid=1000(web) gid=1000(web)");
    equal("root\n", place.engine().exec(id, List.of(), "id", "-un").run().ok().out(), "without");
  }

  private static void execTerminal(Place<Engine> place) {
    String id = place.waiting();
    List<Option> options = List.of(new Option.Terminal(), new Option.Input());
    Outcome outcome =
        place.engine().exec(id, options, "sh", "-c", "tty; exit 6").inTerminal().run().code(6);
    contains(outcome.out(), "/dev/pts/");
  }

  private static void execMissing(Place<Engine> place) {
    Outcome outcome = place.engine().exec(place.waiting(), List.of(), "never-there").run();
    that(outcome.code() != 0, "ended well");
    outcome.says("exec: \"never-there\": executable file not found in $PATH");
  }

  private static void signal(Place<Engine> place) throws Exception {
    String id = place.started(List.of(), "trap 'exit 3' USR1; sleep 1000");
    place.engine().kill(id, "USR1");
    equal(3, place.engine().exitCode(id), "the exit code");
  }

  private static void killed(Place<Engine> place) {
    String id = place.waiting();
    equal("running", place.engine().status(id), "the status");
    place.engine().kill(id, "KILL");
    equal(KILLED, place.engine().exitCode(id), "the exit code");
  }

  private static void pause(Place<Engine> place) throws Exception {
    Option shared = new Option.Bind(place.folder(), "/out", true);
    String id =
        place.started(List.of(shared), "(while true; do echo x >>/out/count; sleep 0.02; done)");
    var count = place.folder().resolve("count").toFile();
    Waiting.until(() -> count.length() > 0, "the program does not count");
    place.engine().pause(id);
    equal("paused", place.engine().status(id), "the status");
    long before = count.length();
    Waiting.pause(200);
    equal(before, count.length(), "the count while paused");
    place.engine().resume(id);
    equal("running", place.engine().status(id), "the status");
    Waiting.until(() -> count.length() > before, "the program does not go on");
  }

  private static void killPaused(Place<Engine> place) {
    String id = place.waiting();
    place.engine().pause(id);
    place.engine().remove(id);
  }

  private static void processes(Place<Engine> place) {
    String id = place.waiting();
    List<Integer> processes = place.engine().processes(id);
    that(processes.contains(place.engine().pid(id)), "the first process is not in " + processes);
    equal(2, processes.size(), "the number of processes");
  }

  private static void memoryUse(Place<Engine> place) {
    String use = place.engine().memoryUse(place.waiting());
    that(use.matches("[1-9].*|0\\.\\d*[1-9].*"), "the use of memory is told as " + use);
  }

  private static void noneOutlives(Place<Engine> place) throws Exception {
    String id = place.started(List.of(), "sleep 1001 & sleep 1002 & sleep 1003");
    List<Integer> processes = place.engine().processes(id);
    that(processes.size() >= 4, "only " + processes);
    place.engine().remove(id);
    for (int pid : processes) {
      Waiting.until(() -> Processes.isGone(pid), "process " + pid + " is left");
    }
  }

  private static void many(Place<Engine> place) throws Exception {
    List<String> all = Parallel.map(MANY, _ -> place.waiting());
    for (String id : all) {
      equal("running", place.engine().status(id), "the status of " + id);
    }
    Parallel.map(
        MANY,
        i -> {
          place.engine().exec(all.get(i), List.of(), "true").run().ok();
          place.engine().kill(all.get(i), "TERM");
          equal(0, place.engine().exitCode(all.get(i)), "the exit code of " + all.get(i));
          place.engine().remove(all.get(i));
          return i;
        });
  }
}
