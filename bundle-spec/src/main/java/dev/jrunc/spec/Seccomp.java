package dev.jrunc.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A filter of system calls. */
public record Seccomp(
    SeccompAction defaultAction,
    @Nullable Integer defaultErrnoRet,
    List<String> architectures,
    List<String> flags,
    @Nullable String listenerPath,
    @Nullable String listenerMetadata,
    List<SyscallRule> syscalls) {
  public Seccomp {
    architectures = List.copyOf(architectures);
    flags = List.copyOf(flags);
    syscalls = List.copyOf(syscalls);
  }
}
