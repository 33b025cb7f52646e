package dev.jrunc.runtime.inspection;

import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SystemCall;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.process.ListenerHandover;
import dev.jrunc.runtime.seccomp.SeccompKnowledge;
import dev.jrunc.runtime.support.Support;
import dev.jrunc.spec.Seccomp;
import dev.jrunc.spec.SeccompAction;
import dev.jrunc.spec.Spec;
import dev.jrunc.spec.SyscallRule;
import java.util.List;

/** Whether this kernel and this libseccomp know what a profile names. */
final class SeccompCheck {
  private static final String POINTER = "/linux/seccomp";

  /** As many names as one sentence takes. */
  private static final int MOST_NAMES = 8;

  private final Linux linux;
  private final HostFiles files;
  private final SeccompKnowledge knowledge;
  private final Collector found;

  SeccompCheck(Linux linux, HostFiles files, SeccompKnowledge knowledge, Collector found) {
    this.linux = linux;
    this.files = files;
    this.knowledge = knowledge;
    this.found = found;
  }

  void check(Spec spec) {
    Seccomp profile = spec.linux() == null ? null : spec.linux().seccomp();
    if (profile == null) {
      return;
    }
    String available = files.text("/proc/sys/kernel/seccomp/actions_avail");
    if (available == null) {
      found.host(POINTER, "this kernel has no seccomp filters", "");
      return;
    }
    action(profile.defaultAction(), POINTER + "/defaultAction", available);
    for (int i = 0; i < profile.architectures().size(); i++) {
      String name = profile.architectures().get(i);
      if (!knowledge.hasArchitecture(name)) {
        found.runtime(
            POINTER + "/architectures/" + i,
            "libseccomp " + knowledge.libraryVersion() + " does not know \"" + name + "\"",
            "leave it out: no program of it can run here");
      }
    }
    for (int i = 0; i < profile.flags().size(); i++) {
      flag(profile.flags().get(i), POINTER + "/flags/" + i);
    }
    for (int i = 0; i < profile.syscalls().size(); i++) {
      SyscallRule rule = profile.syscalls().get(i);
      action(rule.action(), POINTER + "/syscalls/" + i + "/action", available);
      names(rule.names(), POINTER + "/syscalls/" + i + "/names");
    }
    Failure refusal = ListenerHandover.of(linux).refusal(profile);
    if (refusal != null) {
      found.host(refusal.pointer(), String.valueOf(refusal.getMessage()), refusal.ownHint());
    }
  }

  private void action(SeccompAction action, String pointer, String available) {
    String word =
        switch (action) {
          case KILL, KILL_THREAD -> "kill_thread";
          case KILL_PROCESS -> "kill_process";
          case TRAP -> "trap";
          case ERRNO -> "errno";
          case NOTIFY -> "user_notif";
          case TRACE -> "trace";
          case LOG -> "log";
          case ALLOW -> "allow";
        };
    if (!HostFiles.hasWord(available, word)) {
      found.host(pointer, "this kernel does not know " + action.wireName(), "");
    } else if (action == SeccompAction.NOTIFY && !Support.SECCOMP_NOTIFY) {
      found.runtime(pointer, "SCMP_ACT_NOTIFY is not supported yet", "");
    }
  }

  private void flag(String name, String pointer) {
    int setModeFilter = 1;
    int newListener = 1 << 3;
    long flag =
        switch (name) {
          case "SECCOMP_FILTER_FLAG_TSYNC" -> 1;
          case "SECCOMP_FILTER_FLAG_LOG" -> 1 << 1;
          case "SECCOMP_FILTER_FLAG_SPEC_ALLOW" -> 1 << 2;
          default -> (1 << 5) | newListener;
        };
    // seccomp(2): without a program a known flag fails with EFAULT, and nothing is loaded.
    int number = SystemCall.SECCOMP.number(linux.gate().architecture());
    long result = linux.gate().call(number, setModeFilter, flag, 0, 0, 0, 0);
    if (result == -Errno.EINVAL) {
      found.host(pointer, "this kernel does not know " + name, "");
    }
  }

  // The filter is made without them; what is newer than all it names gets ENOSYS.
  private void names(List<String> names, String pointer) {
    StringBuilder unknown = new StringBuilder();
    int count = 0;
    for (String name : names) {
      if (!name.isEmpty() && !knowledge.hasCall(name) && ++count <= MOST_NAMES) {
        unknown.append(unknown.isEmpty() ? "" : ", ").append(name);
      }
    }
    if (count > MOST_NAMES) {
      unknown.append(" and ").append(count - MOST_NAMES).append(" more");
    }
    if (count > 0) {
      found.note(
          pointer,
          "libseccomp "
              + knowledge.libraryVersion()
              + " does not know "
              + unknown
              + ": the rule is without effect on "
              + (count == 1 ? "it" : "them"),
          "");
    }
  }
}
