package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A container's first process that ends while {@code exec} works: the program then joins the
 * namespaces or is not run, but never runs in those of the host.
 */
final class ExecEndCases {
  private static final String DELAY = ":delay_enter=500000";

  private ExecEndCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("exec races the end of init", "ours", ExecEndCases::race),
        Case.of("exec joins or fails, whenever init ends", "ours", ExecEndCases::made),
        Case.of("exec joins namespaces by path or fails", "ours", ExecEndCases::joined));
  }

  private static String host(String type) throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/self/ns", type)).toString();
  }

  private static void inside(Command.Outcome outcome) throws IOException {
    for (String type : List.of("mnt", "net")) {
      String host = host(type);
      that(!outcome.out().contains(host), "the program ran in the host's " + host);
    }
    boolean joined = outcome.code() == 0 && outcome.out().contains("net:");
    that(joined || outcome.code() > 0, outcome.all());
  }

  private static String[] look(String id) {
    return new String[] {"exec", id, "readlink", "/proc/self/ns/mnt", "/proc/self/ns/net"};
  }

  private static void race(Sandbox place) throws IOException {
    for (int round = 0; round < 12; round++) {
      String id = LifecycleCases.running(place);
      String kill = "(sleep 0.0" + (round % 10) + "; kill -9 " + NamespaceCases.pid(place, id);
      String line = kill + ") & exec " + String.join(" ", place.runtimeWords(look(id)));
      inside(Command.of("sh", "-c", line).in(place.bundle()).run());
    }
  }

  private static void traced(Sandbox place) {
    assume(!place.isRunc(), "its calls are others");
    assume(Files.exists(Path.of("/usr/bin/strace")), "strace(1) is not there");
  }

  /** Ends init while a call of exec is held up; {@code PID} in the words is that of init. */
  private static void endDuring(Sandbox place, String... words) throws Exception {
    String id = LifecycleCases.running(place);
    String pid = NamespaceCases.pid(place, id);
    List<String> before = new ArrayList<>(List.of("strace", "-f", "-qq", "-o", "/dev/null"));
    for (String word : words) {
      before.add(word.replace("PID", pid));
    }
    String strace = String.join(" ", before);
    String exec = String.join(" ", place.runtimeWords(look(id)));
    // Where the machine is so busy that the call is over by then, it has told us nothing.
    String line = "(sleep 0.3; kill -9 " + pid + ") & exec " + strace + " " + exec;
    inside(Command.of("sh", "-c", line).in(place.bundle()).run());
  }

  private static void made(Sandbox place) throws Exception {
    traced(place);
    endDuring(place, "-P", "/proc/PID/ns/user", "-e", "inject=statx" + DELAY);
    endDuring(place, "-e", "inject=pidfd_send_signal" + DELAY);
    endDuring(place, "-e", "inject=setns" + DELAY);
  }

  // Those that the config names by path are looked at one by one, and have to be found.
  private static void joined(Sandbox place) throws Exception {
    traced(place);
    for (String file : List.of("ipc", "net", "mnt")) {
      // One for each container: the mount namespace is changed by it.
      Process holder =
          Command.of("unshare", "-m", "-n", "-i", "--propagation", "private", "sleep", "60")
              .start();
      try {
        String own = "/proc/" + holder.pid() + "/ns/";
        LifecycleCases.await(
            () -> {
              Path network = Files.readSymbolicLink(Path.of(own + "net"));
              return !network.toString().equals(host("net"));
            },
            "the namespaces are not made");
        place.config(config -> {
          config.remove("hostname");
          config.withObject("/linux").putArray("maskedPaths");
          config.withObject("/linux").putArray("readonlyPaths");
          var all = Sandbox.namespaces(config).removeAll();
          all.addObject().put("type", "mount").put("path", own + "mnt");
          all.addObject().put("type", "network").put("path", own + "net");
          all.addObject().put("type", "ipc").put("path", own + "ipc");
        });
        endDuring(place, "-P", "/proc/PID/ns/" + file, "-e", "inject=statx" + DELAY);
      } finally {
        holder.destroy();
        holder.waitFor();
      }
    }
  }
}
