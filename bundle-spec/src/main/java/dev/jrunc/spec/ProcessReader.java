package dev.jrunc.spec;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a process and what belongs to it. */
final class ProcessReader {
  private static final long HIGHEST_ID = 0xffffffffL;
  private static final String KNOWN =
      "terminal consoleSize user args env cwd capabilities rlimits noNewPrivileges"
          + " apparmorProfile selinuxLabel oomScoreAdj scheduler ioPriority execCPUAffinity"
          + " commandLine";

  private static final String POLICIES =
      "SCHED_OTHER SCHED_FIFO SCHED_RR SCHED_BATCH SCHED_ISO SCHED_IDLE SCHED_DEADLINE";
  private static final String SCHEDULER_FLAGS =
      "SCHED_FLAG_RESET_ON_FORK SCHED_FLAG_RECLAIM SCHED_FLAG_DL_OVERRUN SCHED_FLAG_KEEP_POLICY"
          + " SCHED_FLAG_KEEP_PARAMS SCHED_FLAG_UTIL_CLAMP_MIN SCHED_FLAG_UTIL_CLAMP_MAX";
  private static final String IO_CLASSES = "IOPRIO_CLASS_RT IOPRIO_CLASS_BE IOPRIO_CLASS_IDLE";

  private ProcessReader() {}

  static @Nullable Process process(Cursor c) throws IOException {
    boolean terminal = false;
    ConsoleSize size = null;
    User user = new User(0, 0, null, List.of());
    List<String> args = List.of();
    List<String> env = List.of();
    String cwd = "";
    Capabilities capabilities = null;
    List<Rlimit> rlimits = List.of();
    boolean noNewPrivileges = false;
    String apparmor = null;
    String selinux = null;
    Integer oomScore = null;
    Scheduler scheduler = null;
    IoPriority ioPriority = null;
    ExecCpuAffinity affinity = null;
    boolean present = c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "terminal" -> terminal = c.flag();
        case "consoleSize" -> size = consoleSize(c);
        case "user" -> user = user(c);
        case "args" -> args = c.texts();
        case "env" -> env = c.texts();
        case "cwd" -> cwd = c.textOrEmpty();
        case "capabilities" -> capabilities = capabilities(c);
        case "rlimits" -> rlimits = c.list(ProcessReader::rlimit);
        case "noNewPrivileges" -> noNewPrivileges = c.flag();
        case "apparmorProfile" -> apparmor = c.optionalText();
        case "selinuxLabel" -> selinux = c.optionalText();
        case "oomScoreAdj" -> oomScore = c.integer(-1000, 1000);
        case "scheduler" -> scheduler = scheduler(c);
        case "ioPriority" -> ioPriority = ioPriority(c);
        case "execCPUAffinity" -> affinity = affinity(c);
        case "commandLine" -> c.text();
        default -> c.unknown(KNOWN);
      }
    }
    c.require("cwd");
    return present
        ? new Process(
            terminal,
            size,
            user,
            args,
            env,
            cwd,
            capabilities,
            rlimits,
            noNewPrivileges,
            apparmor,
            selinux,
            oomScore,
            scheduler,
            ioPriority,
            affinity)
        : null;
  }

  private static @Nullable ConsoleSize consoleSize(Cursor c) throws IOException {
    Integer height = 0;
    Integer width = 0;
    boolean present = c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "height" -> height = c.integer(0, 65535);
        case "width" -> width = c.integer(0, 65535);
        default -> c.unknown("height width");
      }
    }
    c.require("height");
    c.require("width");
    return present && height != null && width != null ? new ConsoleSize(height, width) : null;
  }

  private static User user(Cursor c) throws IOException {
    Long uid = 0L;
    Long gid = 0L;
    Integer umask = null;
    List<Long> groups = List.of();
    c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "uid" -> uid = c.number(0, HIGHEST_ID);
        case "gid" -> gid = c.number(0, HIGHEST_ID);
        case "umask" -> umask = c.integer(0, 0777);
        case "additionalGids" -> groups = c.list(e -> e.number(0, HIGHEST_ID));
        case "username" -> c.text();
        default -> c.unknown("uid gid umask additionalGids username");
      }
    }
    return new User(MountReader.orZero(uid), MountReader.orZero(gid), umask, groups);
  }

  private static @Nullable Capabilities capabilities(Cursor c) throws IOException {
    List<String> bounding = List.of();
    List<String> effective = List.of();
    List<String> inheritable = List.of();
    List<String> permitted = List.of();
    List<String> ambient = List.of();
    boolean present = c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "bounding" -> bounding = c.texts();
        case "effective" -> effective = c.texts();
        case "inheritable" -> inheritable = c.texts();
        case "permitted" -> permitted = c.texts();
        case "ambient" -> ambient = c.texts();
        default -> c.unknown("bounding effective inheritable permitted ambient");
      }
    }
    return present ? new Capabilities(bounding, effective, inheritable, permitted, ambient) : null;
  }

  private static Rlimit rlimit(Cursor c) throws IOException {
    String type = "";
    Long hard = 0L;
    Long soft = 0L;
    c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "type" -> type = c.word("rlimit type", RlimitType.NAMES);
        case "hard" -> hard = c.unsigned();
        case "soft" -> soft = c.unsigned();
        default -> c.unknown("type hard soft");
      }
    }
    c.require("type");
    c.require("hard");
    c.require("soft");
    return new Rlimit(type, MountReader.orZero(hard), MountReader.orZero(soft));
  }

  private static @Nullable Scheduler scheduler(Cursor c) throws IOException {
    String policy = "";
    Integer nice = null;
    Integer priority = null;
    List<String> flags = List.of();
    Long runtime = null;
    Long deadline = null;
    Long period = null;
    boolean present = c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "policy" -> policy = c.word("scheduler policy", POLICIES);
        case "nice" -> nice = c.integer(Integer.MIN_VALUE, Integer.MAX_VALUE);
        case "priority" -> priority = c.integer(Integer.MIN_VALUE, Integer.MAX_VALUE);
        case "flags" -> flags = c.words("scheduler flag", SCHEDULER_FLAGS);
        case "runtime" -> runtime = c.unsigned();
        case "deadline" -> deadline = c.unsigned();
        case "period" -> period = c.unsigned();
        default -> c.unknown("policy nice priority flags runtime deadline period");
      }
    }
    c.require("policy");
    return present ? new Scheduler(policy, nice, priority, flags, runtime, deadline, period) : null;
  }

  private static @Nullable IoPriority ioPriority(Cursor c) throws IOException {
    String ioClass = "";
    Integer priority = 0;
    boolean present = c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "class" -> ioClass = c.word("I/O priority class", IO_CLASSES);
        case "priority" -> priority = c.integer(0, 7);
        default -> c.unknown("class priority");
      }
    }
    c.require("class");
    return present && priority != null ? new IoPriority(ioClass, priority) : null;
  }

  private static @Nullable ExecCpuAffinity affinity(Cursor c) throws IOException {
    String initial = null;
    String last = null;
    boolean present = c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "initial" -> initial = processors(c);
        case "final" -> last = processors(c);
        default -> c.unknown("initial final");
      }
    }
    return present ? new ExecCpuAffinity(initial, last) : null;
  }

  private static @Nullable String processors(Cursor c) throws IOException {
    String text = c.optionalText();
    for (int i = 0; text != null && i < text.length(); i++) {
      if ("0123456789, -".indexOf(text.charAt(i)) < 0) {
        c.violation("\"" + text + "\" is no list of processors", "for example \"0-3,7\"");
        break;
      }
    }
    return text;
  }
}
