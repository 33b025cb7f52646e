package dev.jrunc.runtime.seccomp;

import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.Seccomp;
import dev.jrunc.spec.SeccompAction;
import dev.jrunc.spec.SyscallRule;

/** SECCOMP_FILTER_FLAG_* of linux/seccomp.h. */
final class SeccompFlags {
  static final long LOG = 1 << 1;
  static final long SPEC_ALLOW = 1 << 2;
  static final long NEW_LISTENER = 1 << 3;
  static final long WAIT_KILLABLE_RECV = 1 << 5;

  private SeccompFlags() {}

  static long of(Seccomp profile) {
    // Without a word on flags runc turns the mitigation for speculative store bypass off, since it
    // costs much and prctl(2) can have it back. An empty list is a word.
    long flags = profile.givenFlags() == null ? SPEC_ALLOW : 0;
    for (int i = 0; i < profile.flags().size(); i++) {
      String name = profile.flags().get(i);
      flags |=
          switch (name) {
            // One thread loads it and becomes the container's: nothing to synchronise.
            case "SECCOMP_FILTER_FLAG_TSYNC" -> 0;
            case "SECCOMP_FILTER_FLAG_LOG" -> LOG;
            case "SECCOMP_FILTER_FLAG_SPEC_ALLOW" -> SPEC_ALLOW;
            case "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV" -> WAIT_KILLABLE_RECV;
            default ->
                throw Failure.of(
                        Failure.Code.INVALID_CONFIG, "seccomp flag \"" + name + "\" is not known")
                    .phase("seccomp")
                    .pointer("/linux/seccomp/flags/" + i)
                    .build();
          };
    }
    for (SyscallRule rule : profile.syscalls()) {
      if (rule.action() == SeccompAction.NOTIFY) {
        return flags | NEW_LISTENER;
      }
    }
    // The kernel takes this flag only together with a listener.
    return flags & ~WAIT_KILLABLE_RECV;
  }
}
