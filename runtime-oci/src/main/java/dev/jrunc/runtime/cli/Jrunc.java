package dev.jrunc.runtime.cli;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.capability.HostRoot;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.process.Environment;
import dev.jrunc.runtime.process.Interruption;
import dev.jrunc.runtime.seal.BinarySeal;
import dev.jrunc.runtime.seal.SealMethod;
import dev.jrunc.runtime.state.ContainerStore;
import dev.jrunc.runtime.trace.Narration;
import dev.jrunc.runtime.trace.Phase;
import dev.jrunc.runtime.trace.Trace;
import dev.jrunc.runtime.trace.TraceFile;
import java.util.List;

/** One run of jrunc: from the words of its command line to its exit code. */
public final class Jrunc {
  /** What runc's exec gives where the program could not be started. */
  private static final int EXEC_FAILED = 255;

  private final Linux linux;
  private final List<String> environment;
  private ErrorReport report;
  private String running = "";

  public Jrunc(Linux linux, List<String> environment) {
    this.linux = linux;
    this.environment = environment;
    this.report = new ErrorReport(linux, null, false);
  }

  /**
   * Does what the words say and gives the exit code.
   *
   * @param words all of them, the program's own name first
   */
  public int run(List<String> words) {
    // What a catch needs stands in fields: locals that a try has set may be lost there in C.
    try {
      return attempt(words);
    } catch (Failure e) {
      return failed(e);
    } catch (SyscallFailed e) {
      return failed(Failure.system(e.call().manualName() + " " + e.subject(), e));
    } catch (RuntimeException e) {
      return failed(Failure.of(Failure.Code.INTERNAL, "internal error: " + e).because(e));
    }
  }

  private int attempt(List<String> words) {
    ParsedCommand line = CommandLine.parse(words.subList(1, words.size()));
    report = report(line);
    Command command = line.command();
    if (command == null || line.on("help")) {
      return informed(line);
    }
    running = command.name();
    Phase.begin(running);
    sealIfItEnters(command.name(), words);
    if (!onlyTells(command.name())) {
      // A message that nobody reads is no reason to leave something half done. What is started
      // inside begins with all signals as they are by default.
      linux.processes().ignore(ProcessCalls.SIGPIPE);
    }
    Narration.warnTo(report::warning);
    if (line.globalOn("debug")) {
      report.tellDetails();
    }
    String file = line.global("trace");
    return file == null
        ? perform(line, command)
        : traced(line, command, new TraceFile(linux, file), report);
  }

  private int failed(Failure failure) {
    report.failure(worded(Phase.locate(failure)));
    if (failure.code() == Failure.Code.INTERRUPTED) {
      // As a shell tells the end by a signal.
      return 128 + Interruption.signal();
    }
    return running.equals("exec") ? EXEC_FAILED : 1;
  }

  private int perform(ParsedCommand line, Command command) {
    ContainerStore store = new ContainerStore(linux, root(line));
    return new Commands(linux, store, line, environment).run(command.name());
  }

  private int traced(ParsedCommand line, Command command, TraceFile file, ErrorReport report) {
    Trace trace = Phase.record(linux);
    Phase.begin(command.name());
    try {
      return perform(line, command);
    } finally {
      List<String> arguments = line.arguments();
      try {
        file.add(trace, command.name() + (arguments.isEmpty() ? "" : " " + arguments.get(0)));
      } catch (SyscallFailed | Failure e) {
        report.warning("the trace is not complete: " + e.getMessage());
      }
    }
  }

  // runc's outermost words, by which people find the command in a log.
  private Failure worded(Failure failure) {
    return switch (running) {
      case "create" -> failure.within("runc create failed");
      case "run" -> failure.within("runc run failed");
      case "exec" -> failure.within("exec failed");
      default -> failure;
    };
  }

  private int informed(ParsedCommand line) {
    Command command = line.command();
    String text;
    if (command != null) {
      text = Help.of(command);
    } else if (line.globalOn("version")) {
      text = Version.text();
    } else {
      text = Help.all();
    }
    linux.streams().write(new Descriptor(linux.gate(), 1), text);
    return 0;
  }

  private ErrorReport report(ParsedCommand line) {
    String format = line.global("log-format");
    if (format != null && !format.equals("text") && !format.equals("json")) {
      throw Failure.of(Failure.Code.USAGE, "invalid log-format: " + format)
          .hint("text or json")
          .build();
    }
    return new ErrorReport(linux, line.global("log"), "json".equals(format));
  }

  // These may end as any filter does whose reader has gone.
  private static boolean onlyTells(String command) {
    return switch (command) {
      case "doctor", "events", "features", "list", "plan", "ps", "spec", "state", "validate" ->
          true;
      default -> false;
    };
  }

  // Only these put a process of ours inside a container, where it could be got at.
  private void sealIfItEnters(String command, List<String> words) {
    switch (command) {
      case "create", "run", "exec" ->
          BinarySeal.ensure(linux, words, environment, SealMethod.of(environment));
      default -> {}
    }
  }

  private String root(ParsedCommand line) {
    String given = line.global("root");
    if (given != null) {
      if (given.equals("/") || given.isEmpty()) {
        throw Failure.of(Failure.Code.USAGE, "the root folder must not be \"" + given + "\"")
            .build();
      }
      return given;
    }
    String runtimeDirectory = Environment.value(environment, "XDG_RUNTIME_DIR");
    boolean root = linux.credentials().effectiveUid() == 0;
    if (root
        && (runtimeDirectory == null || "root".equals(Environment.value(environment, "USER")))) {
      return "/run/jrunc";
    }
    // Root of a user namespace is a user in disguise, unless the environment says otherwise: so
    // runc
    // tells them apart, and rootless podman counts on it.
    if (root && HostRoot.is(linux)) {
      return "/run/jrunc";
    }
    return (runtimeDirectory == null ? ownFolder() : runtimeDirectory) + "/jrunc";
  }

  // Where a login would have put XDG_RUNTIME_DIR; without a login, a folder nobody else may write
  // to.
  private String ownFolder() {
    String session = "/run/user/" + (linux.credentials().effectiveUid() & 0xffffffffL);
    boolean there = linux.files().accessRaw(linux.currentDirectory(), session, 3) >= 0;
    String home = Environment.value(environment, "HOME");
    return there || home == null ? session : home + "/.local/run";
  }
}
