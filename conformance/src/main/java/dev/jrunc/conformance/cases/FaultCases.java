package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.harness.Expect;
import dev.jrunc.conformance.harness.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** System calls that fail: a short slice for every day, and all of them. */
public final class FaultCases {
  /** A prime, so that a slice has calls of every part of the command. */
  private static final int SLICE = 23;

  private FaultCases() {}

  static List<Case> all() {
    return List.of(
        Case.of(
            "create leaves nothing where a system call fails",
            "runtime.md Errors",
            FaultCases::slice));
  }

  private static void slice(Sandbox place) throws Exception {
    assume(!place.isRunc(), "a runtime of threads fails at another place each time");
    assume(Files.exists(Path.of("/usr/bin/strace")), "strace(1) is not there");
    prepare(place);
    Faults faults = new Faults(place);
    List<Faults.Fault> all = faults.all();
    List<String> problems = new ArrayList<>();
    for (int i = 0; i < all.size(); i += SLICE) {
      String problem = faults.inject(all.get(i));
      if (!problem.isEmpty()) {
        problems.add(problem);
      }
    }
    that(problems.isEmpty(), String.join("\n", problems));
  }

  // A bit of all: limits, a filter, a mount of its own, masked paths, and a user.
  private static void prepare(Sandbox place) {
    place.args("sleep", "100");
    place.config(Writable::root);
    place.config(config -> {
      Sandbox.namespaces(config).addObject().put("type", "cgroup");
      config.withObject("/linux/resources/memory").put("limit", 64 << 20);
      config.withObject("/linux/resources/pids").put("limit", 100);
      config.withObject("/linux/seccomp").put("defaultAction", "SCMP_ACT_ALLOW");
      config.withObject("/process/user").put("uid", 1000).put("gid", 1000);
      Sandbox.mount(config, "/data", "bind", "/etc", "rbind", "ro");
    });
  }

  /** Every call, in threads; whether nothing was wrong. */
  public static boolean runAll(Path runtime, int jobs) throws Exception {
    try (Sandbox place = Sandbox.open(runtime, "faults");
        ExecutorService threads = Executors.newFixedThreadPool(jobs)) {
      prepare(place);
      Faults faults = new Faults(place);
      List<Future<String>> results = new ArrayList<>();
      for (Faults.Fault fault : faults.all()) {
        results.add(threads.submit(() -> faults.inject(fault)));
      }
      int failed = 0;
      for (Future<String> result : results) {
        String problem = result.get();
        if (!problem.isEmpty()) {
          failed++;
          System.out.println("FAIL " + problem);
        }
      }
      System.out.println(results.size() - failed + " passed, " + failed + " failed, 0 skipped");
      return failed == 0;
    } catch (Expect.Failed e) {
      System.out.println("FAIL " + e.getMessage());
      return false;
    }
  }
}
