package dev.jrunc.runtime.cli;

import dev.jrunc.runtime.container.ExecRequest;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.state.ContainerId;
import dev.jrunc.spec.Capabilities;
import dev.jrunc.spec.Process;
import dev.jrunc.spec.User;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the process of {@code exec} from the container's own and what the command line changes. */
final class ExecArguments {
  private static final long HIGHEST_ID = 0xffffffffL;

  private ExecArguments() {}

  /** A process that is given whole: nothing else on the line changes it. */
  static ExecRequest whole(ParsedCommand line, ContainerId id, Process process) {
    if (process.args().isEmpty()) {
      throw usage("args must not be empty");
    }
    return new ExecRequest(
        id,
        process,
        line.on("detach"),
        line.on("ignore-paused"),
        line.value("pid-file"),
        line.value("console-socket"),
        Numbers.small(line.value("preserve-fds"), 0, "preserve-fds"),
        line.values("cgroup"),
        line.value("pidfd-socket"));
  }

  /** The bundle's process with what the line changes. */
  static ExecRequest merged(ParsedCommand line, ContainerId id, @Nullable Process base) {
    if (base == null) {
      throw usage("process property must not be empty");
    }
    return whole(line, id, merge(line, base));
  }

  private static Process merge(ParsedCommand line, Process base) {
    List<String> arguments = line.arguments().subList(1, line.arguments().size());
    List<String> environment = new ArrayList<>(base.env());
    environment.addAll(line.values("env"));
    String cwd = line.value("cwd");
    return new Process(
        line.on("tty"),
        null,
        user(line, base.user()),
        arguments,
        environment,
        cwd == null ? base.cwd() : cwd,
        capabilities(line.values("cap"), base.capabilities()),
        base.rlimits(),
        line.value("no-new-privs") == null ? base.noNewPrivileges() : line.on("no-new-privs"),
        given(line.value("apparmor"), base.apparmorProfile()),
        given(line.value("process-label"), base.selinuxLabel()),
        base.oomScoreAdj(),
        base.scheduler(),
        base.ioPriority(),
        base.execCpuAffinity());
  }

  private static @Nullable String given(@Nullable String value, @Nullable String otherwise) {
    return value == null || value.isEmpty() ? otherwise : value;
  }

  private static User user(ParsedCommand line, User base) {
    long uid = base.uid();
    long gid = base.gid();
    List<Long> groups = new ArrayList<>(base.additionalGids());
    String given = line.value("user");
    if (given != null) {
      int colon = given.indexOf(':');
      uid = id(colon < 0 ? given : given.substring(0, colon), "user");
      if (colon >= 0) {
        gid = id(given.substring(colon + 1), "group");
      }
    }
    for (String group : line.values("additional-gids")) {
      groups.add(id(group, "group"));
    }
    return new User(uid, gid, base.umask(), groups);
  }

  // The whole word must be digits: "-1" or "1x" taken for 0 would be root (CVE-2026-30892).
  private static long id(String word, String what) {
    long value = Numbers.digits(word);
    if (value < 0 || value > HIGHEST_ID) {
      throw usage(
          "bad "
              + (what.equals("user") ? "uid" : "gid")
              + ": \""
              + word
              + "\" is not the number of a "
              + what);
    }
    return value;
  }

  // Not into the inheritable set (CVE-2022-29162); ambient only what is inheritable already.
  private static @Nullable Capabilities capabilities(
      List<String> added, @Nullable Capabilities base) {
    if (added.isEmpty()) {
      return base;
    }
    Capabilities from =
        base == null
            ? new Capabilities(List.of(), List.of(), List.of(), List.of(), List.of())
            : base;
    List<String> ambient = new ArrayList<>(from.ambient());
    for (String capability : added) {
      if (from.inheritable().contains(capability)) {
        ambient.add(capability);
      }
    }
    return new Capabilities(
        joined(from.bounding(), added),
        joined(from.effective(), added),
        from.inheritable(),
        joined(from.permitted(), added),
        ambient);
  }

  private static List<String> joined(List<String> first, List<String> second) {
    List<String> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }

  private static Failure usage(String message) {
    return Failure.of(Failure.Code.USAGE, message).phase("parse command line").build();
  }
}
