package dev.jrunc.spec;

import org.jspecify.annotations.Nullable;

/** The rules of a seccomp profile. */
final class SeccompRules {
  private static final String AT = "/linux/seccomp";
  private static final int LARGEST_ERRNO = 4095;

  private SeccompRules() {}

  static void check(@Nullable Seccomp seccomp, Findings found) {
    if (seccomp == null) {
      return;
    }
    // A call stopped by it could never be answered: the listener is handed over with such calls.
    if (seccomp.defaultAction() == SeccompAction.NOTIFY) {
      found.rule(AT + "/defaultAction", "SCMP_ACT_NOTIFY cannot be used as default action", "");
    }
    errno(seccomp.defaultAction(), seccomp.defaultErrnoRet(), AT + "/defaultErrnoRet", found);
    boolean notify = false;
    for (int i = 0; i < seccomp.syscalls().size(); i++) {
      notify |= rule(seccomp.syscalls().get(i), AT + "/syscalls/" + i, found);
    }
    boolean listener = seccomp.listenerPath() != null && !seccomp.listenerPath().isEmpty();
    if (notify && !listener) {
      found.rule(AT + "/listenerPath", "SCMP_ACT_NOTIFY needs a listenerPath", "");
    }
    if (!notify && seccomp.listenerMetadata() != null) {
      found.remark(AT + "/listenerMetadata", "no rule uses SCMP_ACT_NOTIFY; it is not sent", "");
    }
    if (seccomp.flags().contains("SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV") && !notify) {
      found.rule(
          AT + "/flags",
          "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV needs a rule with SCMP_ACT_NOTIFY",
          "");
    }
  }

  // MAX_ERRNO of the kernel; a tracer may be told anything.
  private static void errno(
      SeccompAction action, @Nullable Integer errno, String pointer, Findings found) {
    if (action == SeccompAction.ERRNO && errno != null && errno > LARGEST_ERRNO) {
      found.rule(pointer, errno + " is no error number", LARGEST_ERRNO + " at most");
    }
  }

  /** Whether the rule notifies. */
  private static boolean rule(SyscallRule rule, String pointer, Findings found) {
    for (int i = 0; i < rule.names().size(); i++) {
      if (rule.names().get(i).isEmpty()) {
        found.rule(pointer + "/names/" + i, "the name of a system call must not be empty", "");
      }
    }
    errno(rule.action(), rule.errnoRet(), pointer + "/errnoRet", found);
    if (rule.action() != SeccompAction.NOTIFY) {
      return false;
    }
    // The runtime itself writes to hand the listener over.
    if (rule.names().contains("write")) {
      found.rule(pointer, "SCMP_ACT_NOTIFY cannot be used for the write syscall", "");
    }
    return true;
  }
}
