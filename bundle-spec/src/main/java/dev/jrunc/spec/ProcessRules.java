package dev.jrunc.spec;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The rules of a process, in config.json or by itself. */
final class ProcessRules {
  private final Process process;
  private final String at;
  private final Findings found;

  private ProcessRules(Process process, String at, Findings found) {
    this.process = process;
    this.at = at;
    this.found = found;
  }

  /** Checks the process whose pointer is {@code at}. */
  static void check(Process process, String at, Findings found) {
    ProcessRules rules = new ProcessRules(process, at, found);
    rules.program();
    rules.environment();
    rules.limits();
    rules.scheduler();
    CapabilityRules.check(process.capabilities(), at + "/capabilities", found);
  }

  private void program() {
    if (process.args().isEmpty()) {
      found.rule(at + "/args", "args must not be empty", "name the program to run");
    } else if (process.args().get(0).isEmpty()) {
      found.rule(at + "/args/0", "args[0] must not be empty", "name the program to run");
    }
    if (process.cwd().isEmpty()) {
      found.rule(at + "/cwd", "Cwd property must not be empty", "for example \"/\"");
    } else if (!process.cwd().startsWith("/")) {
      found.rule(
          at + "/cwd",
          "Cwd must be an absolute path",
          "\"/" + process.cwd() + "\" if it is meant from the root");
    }
  }

  private void environment() {
    List<String> env = process.env();
    for (int i = 0; i < env.size(); i++) {
      if (env.get(i).indexOf('=') < 1) {
        found.rule(at + "/env/" + i, "\"" + env.get(i) + "\" is not NAME=value", "");
      }
    }
  }

  private void limits() {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < process.rlimits().size(); i++) {
      Rlimit limit = process.rlimits().get(i);
      String pointer = at + "/rlimits/" + i;
      if (!seen.add(limit.type())) {
        found.rule(pointer + "/type", limit.type() + " is limited twice", "");
      }
      if (Long.compareUnsigned(limit.soft(), limit.hard()) > 0 && !found.isDoubtful(pointer)) {
        found.rule(
            pointer + "/soft",
            "the soft limit "
                + Long.toUnsignedString(limit.soft())
                + " is above the hard limit "
                + Long.toUnsignedString(limit.hard()),
            "");
      }
    }
  }

  // sched_setattr(2), as runc words it.
  private void scheduler() {
    Scheduler scheduler = process.scheduler();
    String pointer = at + "/scheduler";
    if (scheduler == null || found.isDoubtful(pointer)) {
      return;
    }
    Integer nice = scheduler.nice();
    if (nice != null && (nice < -20 || nice > 19)) {
      found.rule(pointer + "/nice", "invalid scheduler.nice: " + nice, "from -20 to 19");
    }
    Integer priority = scheduler.priority();
    boolean realtime =
        scheduler.policy().equals("SCHED_FIFO") || scheduler.policy().equals("SCHED_RR");
    if (priority != null && priority != 0 && !realtime) {
      found.rule(
          pointer + "/priority",
          "scheduler.priority can only be specified for SchedFIFO or SchedRR policy",
          "");
    }
    boolean timed =
        isSet(scheduler.runtime()) || isSet(scheduler.deadline()) || isSet(scheduler.period());
    if (timed && !scheduler.policy().equals("SCHED_DEADLINE")) {
      found.rule(
          pointer,
          "scheduler runtime/deadline/period can only be specified for SchedDeadline policy",
          "");
    }
  }

  private static boolean isSet(@Nullable Long value) {
    return value != null && value != 0;
  }
}
