package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;

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
        Case.of("memory policy", "config-linux.md Memory policy", FieldCases::memoryPolicy));
  }

  static ObjectNode process(ObjectNode config) {
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
}
