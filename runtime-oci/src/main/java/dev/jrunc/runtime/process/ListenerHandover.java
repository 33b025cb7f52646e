package dev.jrunc.runtime.process;

import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.Seccomp;
import dev.jrunc.spec.SeccompAction;
import dev.jrunc.spec.SyscallRule;
import org.jspecify.annotations.Nullable;

/**
 * How the listener of a seccomp filter comes from the process that has loaded it to the creating
 * process, which hands it to the agent. Until the agent has it nobody answers for the calls that
 * the filter stops: what is done in between must be possible under the filter, and stopped by it
 * for nobody.
 */
public enum ListenerHandover {
  /**
   * The creating process takes it, by pidfd_getfd(2). All that the filter need allow is write(2);
   * but the process is not dumpable (CVE-2016-9962), so this takes CAP_SYS_PTRACE.
   */
  TAKEN,

  /**
   * It is sent over the channel. That takes no right at all, and sendmsg(2), which profiles allow
   * as a rule; a process that stays dumpable in place of this could be traced by others of its user
   * where its pid namespace is not its own.
   */
  SENT;

  private static final long SYS_PTRACE = 1L << 19;

  /** What this process has the rights for. */
  public static ListenerHandover of(Linux linux) {
    boolean traces = (linux.credentials().capabilities().effective() & SYS_PTRACE) != 0;
    return traces ? TAKEN : SENT;
  }

  /** Why the listener of {@code profile} could not be handed over this way; null if it can be. */
  public @Nullable Failure refusal(Seccomp profile) {
    for (int i = 0; this == SENT && i < profile.syscalls().size(); i++) {
      SyscallRule rule = profile.syscalls().get(i);
      if (rule.action() == SeccompAction.NOTIFY && rule.names().contains("sendmsg")) {
        // The process would wait for an agent that waits for the listener.
        return Failure.of(
                Failure.Code.UNSUPPORTED,
                "SCMP_ACT_NOTIFY cannot be used for the sendmsg syscall without CAP_SYS_PTRACE")
            .phase("seccomp agent")
            .pointer("/linux/seccomp/syscalls/" + i)
            .hint("run as root, or leave sendmsg out: the listener itself is sent by it")
            .build();
      }
    }
    return null;
  }
}
