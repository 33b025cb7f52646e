package dev.jrunc.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The program of a container, or one executed in it. */
public record Process(
    boolean terminal,
    @Nullable ConsoleSize consoleSize,
    User user,
    List<String> args,
    List<String> env,
    String cwd,
    @Nullable Capabilities capabilities,
    List<Rlimit> rlimits,
    boolean noNewPrivileges,
    @Nullable String apparmorProfile,
    @Nullable String selinuxLabel,
    @Nullable Integer oomScoreAdj,
    @Nullable Scheduler scheduler,
    @Nullable IoPriority ioPriority,
    @Nullable ExecCpuAffinity execCpuAffinity) {
  public Process {
    args = List.copyOf(args);
    env = List.copyOf(env);
    rlimits = List.copyOf(rlimits);
  }

  /** The same with other variables. */
  public Process withEnvironment(List<String> variables) {
    return new Process(
        terminal,
        consoleSize,
        user,
        args,
        variables,
        cwd,
        capabilities,
        rlimits,
        noNewPrivileges,
        apparmorProfile,
        selinuxLabel,
        oomScoreAdj,
        scheduler,
        ioPriority,
        execCpuAffinity);
  }
}
