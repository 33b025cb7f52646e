package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.harness.Sandbox;
import java.util.List;

/** Filters of system calls. */
final class SeccompCases {
  private SeccompCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("seccomp: the default action and its error", SECCOMP, SeccompCases::defaultAction),
        Case.of("seccomp: every operator", SECCOMP, SeccompCases::operators),
        Case.of("seccomp: flags", SECCOMP, SeccompCases::flags),
        Case.of("an old profile stops the program and not us", SECCOMP, SeccompCases::oldProfile));
  }

  private static final String SECCOMP = "config-linux.md Seccomp";

  private static ObjectNode profile(ObjectNode config, String defaultAction) {
    ObjectNode seccomp = config.withObject("/linux").putObject("seccomp");
    return seccomp.put("defaultAction", defaultAction);
  }

  private static ObjectNode rule(ObjectNode config, String action, String... names) {
    ObjectNode rule = config.withObject("/linux/seccomp").withArray("/syscalls").addObject();
    ArrayNode all = rule.put("action", action).putArray("names");
    for (String name : names) {
      all.add(name);
    }
    return rule;
  }

  private static void defaultAction(Sandbox place) {
    // All that a shell of busybox needs to say what a refused call ends with.
    place.config(config -> {
      profile(config, "SCMP_ACT_ERRNO").put("defaultErrnoRet", 95);
      rule(config, "SCMP_ACT_ALLOW", ALLOWED.split(" "));
    });
    place.script("mkdir /dev/shm/x").run().code(1).says("Operation not supported");
  }

  private static final String ALLOWED =
      "access arch_prctl brk capget capset chdir clone clone3 close close_range dup dup2 execve"
          + " exit exit_group faccessat faccessat2 fchdir fchown fcntl fstat fstatfs futex getcwd"
          + " getdents64 getegid geteuid getgid getpgrp getpid getppid getrandom gettid getuid"
          + " ioctl lseek lstat madvise mmap mprotect mremap munmap nanosleep newfstatat open"
          + " openat openat2 pipe2 poll ppoll prctl pread64 prlimit64 read readlink readlinkat"
          + " restart_syscall rseq rt_sigaction rt_sigprocmask rt_sigreturn sched_yield seccomp"
          + " sendmsg set_robust_list set_tid_address setgid setgroups setuid sigaltstack stat"
          + " statfs statx sysinfo tgkill umask uname vfork wait4 write writev epoll_ctl"
          + " epoll_create1 epoll_pwait eventfd2 nanosleep clock_gettime";

  private static void operators(Sandbox place) {
    // kill(0, signal) for signals that no process here waits for: 0 or the error of the rule.
    record Try(String op, long value, long second, int refused, int allowed) {}
    for (Try each :
        List.of(
            new Try("SCMP_CMP_NE", 0, 0, 28, 0),
            new Try("SCMP_CMP_LT", 1, 0, 0, 28),
            new Try("SCMP_CMP_LE", 0, 0, 0, 28),
            new Try("SCMP_CMP_EQ", 28, 0, 28, 0),
            new Try("SCMP_CMP_GE", 28, 0, 28, 0),
            new Try("SCMP_CMP_GT", 17, 0, 28, 17),
            new Try("SCMP_CMP_MASKED_EQ", 0x1c, 0x1c, 28, 17))) {
      place.config(config -> {
        profile(config, "SCMP_ACT_ALLOW");
        ObjectNode argument = rule(config, "SCMP_ACT_ERRNO", "kill").putArray("args").addObject();
        argument.put("index", 1).put("value", each.value()).put("op", each.op());
        argument.put("valueTwo", each.second());
      });
      String kill = "kill -" + each.refused() + " 1 2>/dev/null && echo no;";
      place.script(kill + "kill -" + each.allowed() + " 1 && echo allowed");
      equal("allowed\n", place.run().ok().out(), "with " + each.op());
    }
  }

  private static void flags(Sandbox place) {
    assume(!place.isRunc(), "runc 1.1.5 knows no flags");
    place.config(config -> {
      profile(config, "SCMP_ACT_ALLOW").putArray("flags").add("SECCOMP_FILTER_FLAG_LOG");
      rule(config, "SCMP_ACT_ERRNO", "mkdir", "mkdirat");
    });
    contains(place.script("grep Seccomp: /proc/self/status").run().ok().out(), "2");
    place.config(config ->
        config.withObject("/linux/seccomp").putArray("flags").add("SECCOMP_FILTER_FLAG_WARP"));
    place.args("true").run().code(1).says("SECCOMP_FILTER_FLAG_WARP");
  }

  // What the validation programs ask: getcwd(2) is refused, and so are calls younger than they.
  private static void oldProfile(Sandbox place) {
    assume(!place.isRunc(), "runc 1.1.5 asks for its folder under the filter");
    for (boolean privileges : List.of(true, false)) {
      place.config(config -> {
        FieldCases.process(config).put("noNewPrivileges", !privileges);
        profile(config, "SCMP_ACT_ALLOW");
        rule(config, "SCMP_ACT_ERRNO", "close_range", "openat2", "faccessat2", "statx", "umask");
        rule(config, "SCMP_ACT_ERRNO", "fchdir", "chdir", "setuid", "setgroups");
        ObjectNode getcwd = rule(config, "SCMP_ACT_ERRNO", "getcwd");
        getcwd.put("errnoRet", 1);
        FieldCases.process(config).putObject("user").put("uid", 1000).put("gid", 1000);
      });
      equal("1000\n", place.args("id", "-u").run().ok().out(), "the user");
      String status = place.args("cat", "/proc/self/status").run().ok().out();
      contains(status, "CapEff:\t0000000000000000\n");
      contains(status, "CapPrm:\t0000000000000000\n");
      String id = LifecycleCases.running(place.args("sleep", "100"));
      equal("1000\n", place.runtime("exec", id, "id", "-u").run().ok().out(), "the user of exec");
      place.args("true");
    }
  }
}
