package dev.jrunc.runtime.process;

import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.plan.ProcessStep;
import dev.jrunc.runtime.plan.StepName;
import dev.jrunc.spec.MemoryPolicy;
import dev.jrunc.spec.Scheduler;
import dev.jrunc.spec.Separated;
import org.jspecify.annotations.Nullable;

/** Scheduler, I/O priority, personality and memory policy of the calling process. */
final class SchedulingSteps {
  /** As many as a kernel may be built for (MAX_NUMNODES). */
  private static final int NODES = 1024;

  private final Linux linux;

  SchedulingSteps(Linux linux) {
    this.linux = linux;
  }

  // struct sched_attr of sched_setattr(2): size, policy, flags, nice, priority, then in nanoseconds
  // runtime, deadline and period.
  void scheduler(ProcessStep.SetScheduler step) {
    Scheduler s = step.scheduler();
    byte[] attributes = new byte[48];
    put(attributes, 0, 4, 48);
    put(attributes, 4, 4, policy(s.policy()));
    long flags = 0;
    for (String flag : s.flags()) {
      flags |= flag(flag);
    }
    put(attributes, 8, 8, flags);
    put(attributes, 16, 4, orZero(s.nice()));
    put(attributes, 20, 4, orZero(s.priority()));
    put(attributes, 24, 8, orZero(s.runtime()));
    put(attributes, 32, 8, orZero(s.deadline()));
    put(attributes, 40, 8, orZero(s.period()));
    long result = linux.processes().setSchedulerRaw(0, attributes);
    if (result == -Errno.EPERM && !step.cpus().isEmpty()) {
      // sched_setattr(2): a deadline is admitted only where the process may run on all processors.
      throw Failure.of(
              Failure.Code.SYSTEM,
              "process scheduler can't be used together with AllowedCPUs: "
                  + Errno.message(Errno.EPERM))
          .phase(StepName.of(step))
          .pointer(step.pointer())
          .errno(Errno.EPERM)
          .hint("take /linux/resources/cpu/cpus (\"" + step.cpus() + "\") out, or the scheduler")
          .build();
    }
    check(step, "error setting scheduler", result);
  }

  void ioPriority(ProcessStep.SetIoPriority step) {
    // ioprio_set(2): the class stands in the bits from 13 on.
    int ioClass =
        switch (step.priority().ioClass()) {
          case "IOPRIO_CLASS_RT" -> 1;
          case "IOPRIO_CLASS_BE" -> 2;
          default -> 3;
        };
    int value = (ioClass << 13) | step.priority().priority();
    check(step, "error setting I/O priority", linux.processes().setIoPriorityRaw(value));
  }

  void personality(ProcessStep.SetPersonality step) {
    int linux32 = 8;
    long persona = step.personality().domain().equals("LINUX32") ? linux32 : 0;
    check(step, "error setting personality", linux.processes().personalityRaw(persona));
  }

  void memoryPolicy(ProcessStep.SetMemoryPolicy step) {
    MemoryPolicy policy = step.policy();
    byte[] nodes = nodes(policy.nodes());
    long flags = 0;
    for (String flag : policy.flags()) {
      flags |= flag.equals("MPOL_F_STATIC_NODES") ? 1 << 15 : 0;
      flags |= flag.equals("MPOL_F_RELATIVE_NODES") ? 1 << 14 : 0;
      flags |= flag.equals("MPOL_F_NUMA_BALANCING") ? 1 << 13 : 0;
    }
    int mode = (int) (mode(policy.mode()) | flags);
    long result =
        linux.processes().setMemoryPolicyRaw(mode, nodes, nodes.length == 0 ? 0 : NODES + 1);
    check(step, "error setting memory policy", result);
  }

  private static long mode(String name) {
    return switch (name) {
      case "MPOL_PREFERRED" -> 1;
      case "MPOL_BIND" -> 2;
      case "MPOL_INTERLEAVE" -> 3;
      case "MPOL_LOCAL" -> 4;
      case "MPOL_PREFERRED_MANY" -> 5;
      case "MPOL_WEIGHTED_INTERLEAVE" -> 6;
      default -> 0;
    };
  }

  /** The mask of a list such as 0-3,7; empty for none. */
  static byte[] nodes(@Nullable String list) {
    if (list == null || list.isEmpty()) {
      return new byte[0];
    }
    byte[] mask = new byte[NODES / 8];
    for (String range : Separated.by(',', list)) {
      int dash = range.indexOf('-');
      int first = Integer.parseInt((dash < 0 ? range : range.substring(0, dash)).trim());
      int last = dash < 0 ? first : Integer.parseInt(range.substring(dash + 1).trim());
      for (int node = first; node <= last && node < NODES; node++) {
        mask[node / 8] |= (byte) (1 << (node % 8));
      }
    }
    return mask;
  }

  private static void check(ProcessStep step, String what, long result) {
    if (result < 0) {
      int errno = (int) -result;
      throw Failure.of(Failure.Code.SYSTEM, what + ": " + Errno.message(errno))
          .phase(StepName.of(step))
          .pointer(step.pointer())
          .errno(errno)
          .build();
    }
  }

  private static long policy(String name) {
    return switch (name) {
      case "SCHED_FIFO" -> 1;
      case "SCHED_RR" -> 2;
      case "SCHED_BATCH" -> 3;
      case "SCHED_ISO" -> 4;
      case "SCHED_IDLE" -> 5;
      case "SCHED_DEADLINE" -> 6;
      default -> 0;
    };
  }

  private static long flag(String name) {
    return switch (name) {
      case "SCHED_FLAG_RESET_ON_FORK" -> 0x01;
      case "SCHED_FLAG_RECLAIM" -> 0x02;
      case "SCHED_FLAG_DL_OVERRUN" -> 0x04;
      case "SCHED_FLAG_KEEP_POLICY" -> 0x08;
      case "SCHED_FLAG_KEEP_PARAMS" -> 0x10;
      case "SCHED_FLAG_UTIL_CLAMP_MIN" -> 0x20;
      case "SCHED_FLAG_UTIL_CLAMP_MAX" -> 0x40;
      default -> 0;
    };
  }

  private static long orZero(@Nullable Number value) {
    return value == null ? 0 : value.longValue();
  }

  // Little endian, as every processor of Architecture is.
  private static void put(byte[] target, int offset, int width, long value) {
    for (int i = 0; i < width; i++) {
      target[offset + i] = (byte) (value >>> (8 * i));
    }
  }
}
