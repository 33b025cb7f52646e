package dev.jrunc.runtime.process;

import dev.jrunc.kernel.Linux;

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
}
