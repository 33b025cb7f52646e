package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Fields of the process and of the root that no other group is about. */
final class FieldCases {
  private static final String PROCESS = "config.md Process";
  private static final String LINUX_PROCESS = "config.md Linux Process";
  private static final String SECCOMP = "config-linux.md Seccomp";
  // Places in /proc/PID/stat, from 0: proc(5).
  private static final int NICE = 18;
  private static final int REALTIME_PRIORITY = 39;
  private static final int POLICY = 40;

  private FieldCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("a terminal has the size of the config", PROCESS, FieldCases::consoleSize),
        Case.of("inheritable and ambient capabilities", LINUX_PROCESS, FieldCases::ambient),
        Case.of("a label that this kernel cannot give", LINUX_PROCESS, FieldCases::labels),
        Case.of("scheduler: policy, nice value and flags", LINUX_PROCESS, FieldCases::scheduler),
        Case.of("scheduler: a real-time priority", LINUX_PROCESS, FieldCases::realtime),
        Case.of("scheduler: a deadline", LINUX_PROCESS, FieldCases::deadline),
        Case.of("priority of block I/O", LINUX_PROCESS, FieldCases::ioPriority),
        Case.of(
            "a limit for each kind of resource", "config.md POSIX process", FieldCases::rlimits),
        Case.of("memory policy", "config-linux.md Memory policy", FieldCases::memoryPolicy),
        Case.of("seccomp: the default action and its error", SECCOMP, FieldCases::defaultAction),
        Case.of("seccomp: every operator", SECCOMP, FieldCases::operators),
        Case.of("seccomp: flags", SECCOMP, FieldCases::flags),
        Case.of("an old profile stops the program and not us", SECCOMP, FieldCases::oldProfile),
        Case.of("a root elsewhere, by a whole path", "config.md Root", FieldCases::rootPath),
        Case.of("masked files and folders", "config-linux.md Masked Paths", FieldCases::masked),
        Case.of(
            "read-only files and folders", "config-linux.md Readonly Paths", FieldCases::readOnly),
        Case.of(
            "each propagation of the root",
            "config-linux.md Rootfs Mount Propagation",
            FieldCases::propagation),
        Case.of(
            "every mount option that features names",
            "config.md Linux mount options",
            FieldCases::mountOptions),
        Case.of(
            "recursive options reach the mounts below",
            "config.md Linux mount options",
            FieldCases::recursive));
  }

  private static ObjectNode process(ObjectNode config) {
    return config.withObject("/process");
  }

  private static void consoleSize(Sandbox place) {
    assume(Files.exists(Path.of("/usr/bin/script")), "script(1) is not there");
    place.config(config -> {
      process(config).put("terminal", true);
      process(config).putObject("consoleSize").put("height", 33).put("width", 123);
    });
    // The caller's own size comes a moment later where there is a caller with one.
    place.script("stty size");
    String run = String.join(" ", place.runtimeWords("run", place.container()));
    Command.Outcome outcome =
        Command.of("script", "-qec", run, "/dev/null").in(place.bundle()).keepInput().run();
    assume(!place.isRunc(), "runc 1.1.5 gives the caller's size");
    contains(outcome.all(), "33 123");
  }

  private static void ambient(Sandbox place) {
    place.config(config -> {
      for (String set : List.of("inheritable", "ambient")) {
        config.withObject("/process/capabilities").putArray(set).add("CAP_KILL");
      }
      process(config).putObject("user").put("uid", 1000).put("gid", 1000);
    });
    String out = place.args("grep", "^Cap", "/proc/self/status").run().ok().out();
    for (String set : List.of("CapInh", "CapAmb", "CapEff")) {
      contains(out, set + ":\t0000000000000020\n");
    }
  }

  private static void labels(Sandbox place) {
    assume(!Files.exists(Path.of("/sys/module/apparmor")), "this kernel has AppArmor");
    assume(!Files.exists(Path.of("/sys/fs/selinux/enforce")), "this kernel has SELinux");
    place.config(config -> process(config).put("apparmorProfile", "web")).args("true");
    place.run().code(1).says("apparmor");
    place.config(config -> process(config).put("apparmorProfile", "").put("selinuxLabel", "a:b:c"));
    place.run().code(1).says("selinux");
    // Where no label means anything this one is a no-op, as in every program that has libselinux.
    place.config(config -> {
      process(config).put("selinuxLabel", "");
      config.withObject("/linux").put("mountLabel", "system_u:object_r:x");
    });
    place.run().code(place.isRunc() ? 1 : 0);
  }

  private static String stat(Sandbox place, int field) {
    String[] fields = place.args("cat", "/proc/self/stat").run().ok().out().trim().split(" ");
    return fields[field];
  }

  private static ObjectNode scheduler(ObjectNode config, String policy) {
    return process(config).putObject("scheduler").put("policy", policy);
  }

  private static void scheduler(Sandbox place) {
    assume(!place.isRunc(), "runc 1.1.5 knows no scheduler");
    place.config(config -> scheduler(config, "SCHED_BATCH").put("nice", 7));
    equal("3", stat(place, POLICY), "the policy");
    equal("7", stat(place, NICE), "the nice value");
    place.config(config -> scheduler(config, "SCHED_IDLE"));
    equal("5", stat(place, POLICY), "the policy");
    place.config(config ->
        scheduler(config, "SCHED_OTHER")
            .put("nice", -5)
            .putArray("flags")
            .add("SCHED_FLAG_RESET_ON_FORK"));
    equal("-5", stat(place, NICE), "the nice value of the program");
    String child = place.script("cat /proc/self/stat; true").run().ok().out();
    equal("0", child.split(" ")[NICE], "the nice value of its child");
    place.config(config -> scheduler(config, "SCHED_FASTEST"));
    place.run().code(1).says("SCHED_FASTEST");
  }

  // A kernel with real-time groups, in a group without a share, refuses this policy: sched(7).
  private static void realtime(Sandbox place) {
    assume(!place.isRunc(), "runc 1.1.5 knows no scheduler");
    place.config(config -> scheduler(config, "SCHED_FIFO").put("priority", 9));
    Command.Outcome outcome = place.args("cat", "/proc/self/stat").run();
    if (outcome.code() == 0) {
      equal("1", outcome.out().split(" ")[POLICY], "the policy");
      equal("9", outcome.out().split(" ")[REALTIME_PRIORITY], "the priority");
    } else {
      outcome.code(1).says("/process/scheduler").says("EPERM");
    }
  }

  private static void deadline(Sandbox place) {
    assume(!place.isRunc(), "runc 1.1.5 knows no scheduler");
    place.config(config -> {
      // A cpuset that does not hold all processors takes no deadline task.
      scheduler(config, "SCHED_DEADLINE")
          .put("runtime", 10_000_000)
          .put("deadline", 20_000_000)
          .put("period", 50_000_000);
    });
    Command.Outcome outcome = place.args("cat", "/proc/self/stat").run();
    if (outcome.code() == 0) {
      equal("6", outcome.out().split(" ")[POLICY], "the policy");
    } else {
      outcome.code(1).says("/process/scheduler");
    }
    place.config(config -> process(config).withObject("/scheduler").put("deadline", 1));
    place.run().code(1).says("/process/scheduler");
  }

  private static void ioPriority(Sandbox place) {
    assume(!place.isRunc(), "runc 1.1.5 knows no priority of block I/O");
    place.args("/bin/busybox", "ionice", "-p", "1");
    place.config(config ->
        process(config).putObject("ioPriority").put("class", "IOPRIO_CLASS_BE").put("priority", 6));
    equal("best-effort: prio 6\n", place.run().ok().out(), "the priority");
    place.config(config ->
        process(config)
            .putObject("ioPriority")
            .put("class", "IOPRIO_CLASS_IDLE")
            .put("priority", 0));
    equal("idle\n", place.run().ok().out(), "the priority");
  }

  private static void rlimits(Sandbox place) {
    List<String> types =
        List.of(
            "RLIMIT_CPU 1000 Max cpu time",
            "RLIMIT_FSIZE 1048576 Max file size",
            "RLIMIT_DATA 104857600 Max data size",
            "RLIMIT_STACK 1048576 Max stack size",
            "RLIMIT_CORE 4096 Max core file size",
            "RLIMIT_RSS 1048576 Max resident set",
            "RLIMIT_NPROC 99 Max processes",
            "RLIMIT_NOFILE 64 Max open files",
            "RLIMIT_MEMLOCK 4096 Max locked memory",
            "RLIMIT_AS 1073741824 Max address space",
            "RLIMIT_LOCKS 77 Max file locks",
            "RLIMIT_SIGPENDING 88 Max pending signals",
            "RLIMIT_MSGQUEUE 8192 Max msgqueue size",
            "RLIMIT_NICE 0 Max nice priority",
            "RLIMIT_RTPRIO 0 Max realtime priority",
            "RLIMIT_RTTIME 5000000 Max realtime timeout");
    place.config(config -> {
      ArrayNode all = process(config).putArray("rlimits");
      for (String each : types) {
        String[] words = each.split(" ");
        long value = Long.parseLong(words[1]);
        all.addObject().put("type", words[0]).put("soft", value).put("hard", value);
      }
    });
    String out = place.args("cat", "/proc/self/limits").run().ok().out();
    for (String each : types) {
      String[] words = each.split(" ", 3);
      String line = out.lines().filter(l -> l.startsWith(words[2])).findFirst().orElse("");
      contains(line.replaceAll(" +", " "), " " + words[1] + " " + words[1] + " ");
    }
  }

  private static void memoryPolicy(Sandbox place) {
    assume(!place.isRunc(), "runc 1.1.5 knows no memory policy");
    assume(Files.exists(Path.of("/proc/self/numa_maps")), "this kernel knows no memory nodes");
    place.config(config -> {
      ObjectNode policy = config.withObject("/linux/memoryPolicy");
      policy.put("mode", "MPOL_BIND").put("nodes", "0");
      policy.putArray("flags").add("MPOL_F_STATIC_NODES");
    });
    contains(place.args("cat", "/proc/self/numa_maps").run().ok().out(), " bind=static:0 ");
  }

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
        process(config).put("noNewPrivileges", !privileges);
        profile(config, "SCMP_ACT_ALLOW");
        rule(config, "SCMP_ACT_ERRNO", "close_range", "openat2", "faccessat2", "statx", "umask");
        rule(config, "SCMP_ACT_ERRNO", "fchdir", "chdir", "setuid", "setgroups");
        ObjectNode getcwd = rule(config, "SCMP_ACT_ERRNO", "getcwd");
        getcwd.put("errnoRet", 1);
        process(config).putObject("user").put("uid", 1000).put("gid", 1000);
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

  private static void rootPath(Sandbox place) throws Exception {
    Path moved = place.folder().resolve("moved");
    Files.move(place.rootfs(), moved);
    place.config(config -> config.withObject("/root").put("path", moved.toString()));
    equal("runc\n", place.args("hostname").run().ok().out(), "the output");
  }

  private static void list(Sandbox place, String name, String... paths) {
    place.config(config -> {
      ArrayNode all = config.withObject("/linux").putArray(name);
      for (String path : paths) {
        all.add(path);
      }
    });
  }

  private static void fill(Sandbox place) throws Exception {
    Files.createDirectory(place.rootfs().resolve("folder"));
    Files.writeString(place.rootfs().resolve("folder/inner"), "seen\n");
    Files.writeString(place.rootfs().resolve("file"), "seen\n");
    place.config(Writable::root);
  }

  private static void masked(Sandbox place) throws Exception {
    fill(place);
    list(place, "maskedPaths", "/folder", "/file", "/never/there");
    equal("", place.script("cat /file; ls /folder").run().ok().out(), "what is seen");
    place.script("touch /folder/new").run().code(1);
  }

  private static void readOnly(Sandbox place) throws Exception {
    fill(place);
    list(place, "readonlyPaths", "/folder", "/file", "/never/there");
    equal("seen\nseen\n", place.script("cat /file /folder/inner").run().ok().out(), "what is seen");
    place.script("echo x > /file").run().code(1).says("Read-only file system");
    place.script("touch /folder/new").run().code(1).says("Read-only file system");
    place.script("touch /beside").run().ok();
  }

  private static void propagation(Sandbox place) {
    assume(!place.isRunc(), "runc 1.1.5 leaves a shared root unshared");
    for (String each : List.of("shared", "slave", "private", "unbindable", "rshared", "rprivate")) {
      place.config(config -> config.withObject("/linux").put("rootfsPropagation", each));
      String mounts = place.args("cat", "/proc/self/mountinfo").run().ok().out();
      String root =
          mounts
              .lines()
              .filter(l -> l.contains(" / / ") || l.contains("/rootfs / "))
              .findFirst()
              .orElse("");
      if (each.endsWith("shared")) {
        contains(root, " shared:");
      } else {
        that(!root.contains(" shared:"), each + ": " + root);
      }
      equal(each.equals("unbindable"), root.contains(" unbindable "), each + ": " + root);
    }
  }

  private static void mountOptions(Sandbox place) throws Exception {
    assume(!place.isRunc(), "runc 1.1.5 does not name its options");
    var features =
        new com.fasterxml.jackson.databind.ObjectMapper()
            .readTree(place.runtime("features").run().ok().out());
    // Those that need more than a tmpfs have cases of their own.
    List<String> others = List.of("bind", "rbind", "idmap", "ridmap", "tmpcopyup", "remount");
    place.config(Writable::root);
    int count = 0;
    for (var option : features.path("mountOptions")) {
      if (!others.contains(option.asText())) {
        String name = option.asText();
        place.config(config -> Sandbox.mount(config, "/t/" + name, "tmpfs", "tmpfs", name));
        count++;
      }
    }
    String mounts = place.args("cat", "/proc/self/mountinfo").run().ok().out();
    equal((long) count, mounts.lines().filter(l -> l.contains(" /t/")).count(), "the mounts");
    for (String flag : List.of("ro", "nosuid", "nodev", "noexec", "noatime", "nodiratime")) {
      String line = mounts.lines().filter(l -> l.contains(" /t/" + flag + " ")).findFirst().get();
      that(line.split(" ")[5].contains(flag), line);
    }
  }

  private static void recursive(Sandbox place) throws Exception {
    assume(!place.isRunc(), "runc 1.1.5 has them from a newer kernel's headers only");
    Path source = Files.createDirectory(place.folder().resolve("source"));
    Files.createDirectory(source.resolve("below"));
    Command.of("mount", "-t", "tmpfs", "below", source.resolve("below").toString()).run().ok();
    try {
      place.config(Writable::root);
      place.config(config ->
          Sandbox.mount(config, "/data", "bind", source.toString(), "rbind", "rro", "rnosuid"));
      place.script("touch /data/below/x").run().code(1).says("Read-only file system");
      String line = place.script("mount | grep /data/below").run().ok().out();
      contains(line, "ro,nosuid");
    } finally {
      Command.of("umount", source.resolve("below").toString()).run().ok();
    }
  }
}
