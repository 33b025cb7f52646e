package dev.jrunc.runtime.container;

import dev.jrunc.spec.Process;
import dev.jrunc.spec.User;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a program executed in a container has of the container's own, as runc gives it. */
final class ExecProcess {
  private ExecProcess() {}

  /**
   * The program with what it does not say itself: a process that names no profile, label or
   * capabilities is to be confined as the container is, and not to be free of them. No new
   * privileges cannot be left unsaid, false is what it says then.
   *
   * @param own the container's as it was made
   */
  static Process complete(Process asked, @Nullable Process own) {
    if (own == null) {
      return asked;
    }
    return new Process(
        asked.terminal(),
        asked.consoleSize(),
        user(asked.user(), own.user()),
        asked.args(),
        asked.env(),
        asked.cwd(),
        asked.capabilities() == null ? own.capabilities() : asked.capabilities(),
        asked.rlimits().isEmpty() ? own.rlimits() : asked.rlimits(),
        asked.noNewPrivileges(),
        given(asked.apparmorProfile(), own.apparmorProfile()),
        given(asked.selinuxLabel(), own.selinuxLabel()),
        asked.oomScoreAdj() == null ? own.oomScoreAdj() : asked.oomScoreAdj(),
        asked.scheduler() == null ? own.scheduler() : asked.scheduler(),
        asked.ioPriority() == null ? own.ioPriority() : asked.ioPriority(),
        asked.execCpuAffinity() == null ? own.execCpuAffinity() : asked.execCpuAffinity());
  }

  private static User user(User asked, User own) {
    List<Long> groups = asked.additionalGids();
    return asked.umask() != null ? asked : new User(asked.uid(), asked.gid(), own.umask(), groups);
  }

  private static @Nullable String given(@Nullable String asked, @Nullable String own) {
    return asked == null || asked.isEmpty() ? own : asked;
  }
}
