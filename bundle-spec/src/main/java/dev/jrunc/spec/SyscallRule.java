package dev.jrunc.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is done when one of these system calls is made and all conditions hold. */
public record SyscallRule(
    List<String> names,
    SeccompAction action,
    @Nullable Integer errnoRet,
    List<SeccompArgument> args) {
  public SyscallRule {
    names = List.copyOf(names);
    args = List.copyOf(args);
  }
}
