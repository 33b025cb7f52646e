package dev.jrunc.runtime.hook;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.kernel.Utf8;
import dev.jrunc.kernel.WaitStatus;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.seccomp.SeccompProgram;
import dev.jrunc.runtime.trace.Phase;
import dev.jrunc.spec.Hook;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs hooks in their order. Each gets the container's state on standard input and exactly the
 * environment the config gives it; the end of what it prints is kept for the failure. One that
 * takes longer than its timeout is killed with all it has started.
 */
public final class HookRunner {
  private final Linux linux;
  private final List<String> environment;
  private final @Nullable SeccompProgram filter;

  public HookRunner(Linux linux) {
    this(linux, List.of(), null);
  }

  /**
   * For hooks that run in place of the container's program.
   *
   * @param environment for a hook that has none of its own
   * @param filter put on each hook; null where this process has it already, or there is none
   */
  public HookRunner(Linux linux, List<String> environment, @Nullable SeccompProgram filter) {
    this.linux = linux;
    this.environment = List.copyOf(environment);
    this.filter = filter;
  }

  /**
   * Runs all hooks; the first that fails ends it.
   *
   * @param kind the name of the list in config.json
   * @param state the state document, see the runtime specification's "State"
   */
  public void run(String kind, List<Hook> hooks, byte[] state) {
    for (int i = 0; i < hooks.size(); i++) {
      Phase.begin("run " + kind + " hook", "/hooks/" + kind + "/" + i);
      String reason = run(hooks.get(i), state);
      if (!reason.isEmpty()) {
        throw Failure.of(Failure.Code.HOOK, "error running " + kind + " hook #" + i + ": " + reason)
            .phase("run " + kind + " hook")
            .pointer("/hooks/" + kind + "/" + i)
            .path(hooks.get(i).path())
            .build();
      }
    }
  }

  /** Runs one hook; empty where it went well, else what went wrong. */
  public String run(Hook hook, byte[] state) {
    Descriptor[] output = linux.streams().pipe();
    try (Descriptor reading = output[0]) {
      ProcessCalls.Clone clone = begin(hook, state, output[1]);
      try (Descriptor pidfd = Objects.requireNonNull(clone.pidfd())) {
        HookOutput said = new HookOutput(linux, reading);
        boolean intime;
        try {
          intime = await(pidfd, hook, said);
        } catch (Failure interrupted) {
          kill(clone.pid(), pidfd);
          linux.processes().waitFor(clone.pid(), 0);
          throw interrupted;
        }
        if (!intime) {
          kill(clone.pid(), pidfd);
        }
        WaitStatus status = Objects.requireNonNull(linux.processes().waitFor(clone.pid(), 0));
        return describe(hook, intime, status, said);
      }
    }
  }

  // The group: a shell that is killed alone leaves behind what it waits for.
  private void kill(int pid, Descriptor pidfd) {
    linux.processes().killRaw(-pid, ProcessCalls.SIGKILL);
    linux.processes().signalRaw(pidfd, ProcessCalls.SIGKILL);
  }

  // Its end of the pipe is closed here: the output ends with the last process that prints.
  private ProcessCalls.Clone begin(Hook hook, byte[] state, Descriptor output) {
    try (Descriptor input = linux.streams().memoryFile("state", 0);
        Descriptor writing = output) {
      linux.streams().write(input, state);
      linux.streams().seek(input, 0, 0);
      ProcessCalls.Clone clone = linux.processes().clone(0, null);
      if (clone.inChild()) {
        execute(hook, input, writing);
      }
      return clone;
    }
  }

  private boolean await(Descriptor pidfd, Hook hook, HookOutput said) {
    int limit = -1;
    if (hook.timeout() != null) {
      limit = hook.timeout() > Integer.MAX_VALUE / 1000 ? -1 : hook.timeout() * 1000;
    }
    long deadline = millis() + limit;
    while (true) {
      int wait = limit < 0 ? -1 : (int) Math.max(0, deadline - millis());
      if (said.awaitEnd(pidfd, wait)) {
        return true;
      }
      if (limit >= 0 && millis() >= deadline) {
        return false;
      }
    }
  }

  private static long millis() {
    return System.nanoTime() / 1_000_000;
  }

  private void execute(Hook hook, Descriptor input, Descriptor output) {
    linux.processes().resetSignals();
    linux.processes().newSessionRaw();
    linux.streams().duplicateOnto(input, 0);
    linux.streams().duplicateOnto(output, 1);
    linux.streams().duplicateOnto(output, 2);
    linux.streams().closeOnExecFrom(3);
    List<String> arguments = hook.args().isEmpty() ? List.of(hook.path()) : hook.args();
    List<String> variables = hook.env().isEmpty() ? environment : hook.env();
    long result =
        filter == null ? 0 : linux.processes().loadFilterRaw(filter.instructions(), filter.flags());
    String what = "error loading seccomp filter: ";
    if (result >= 0) {
      result =
          linux
              .processes()
              .executeRaw(linux.currentDirectory(), hook.path(), arguments, variables, 0);
      what = "exec " + hook.path() + ": ";
    }
    byte[] bytes = Utf8.encode(what + Errno.message((int) -result) + "\n");
    linux.streams().writeRaw(output, bytes, bytes.length);
    linux.processes().exit(127);
  }

  private String describe(Hook hook, boolean intime, WaitStatus status, HookOutput output) {
    if (intime && status.raw() == 0) {
      return "";
    }
    String said = output.tail();
    String outcome =
        !intime
            ? "hook ran past specified timeout of " + hook.timeout() + "s"
            : status.signal() != 0
                ? "signal: " + SignalWords.of(status.signal())
                : "exit status " + status.exitCode();
    // runc's words, both those of the list and those of the one.
    return "error running hook: " + outcome + (said.isEmpty() ? "" : ", output: " + said);
  }
}
