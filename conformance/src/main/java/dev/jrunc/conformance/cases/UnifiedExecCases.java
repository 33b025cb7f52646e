package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.equal;

import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where {@code exec} goes on cgroup v2. */
final class UnifiedExecCases {
  private UnifiedExecCases() {}

  private static Command.Outcome exec(UnifiedGroup group, String... words) {
    String[] all =
        Command.words(java.util.List.of("exec", group.id()), words).toArray(new String[0]);
    return group.place().runtime(all).run();
  }

  static void enters(UnifiedGroup group) throws IOException {
    Sandbox place = group.place().config(UnifiedGroup::shown);
    group.start();
    String path = group.path();
    equal(
        "0::" + path + "\n",
        exec(group, "grep", "^0::", "/proc/self/cgroup").ok().out(),
        "the group");
    Files.createDirectory(group.directory().resolve("below"));
    String below =
        place
            .runtime("exec", "--cgroup", "below", group.id(), "grep", "^0::", "/proc/self/cgroup")
            .run()
            .ok()
            .out();
    equal("0::" + path + "/below\n", below, "the group below");
  }

  /** As an init that is a systemd does: the kernel then lets nobody enter the group above. */
  static void followsInit(UnifiedGroup group) throws IOException {
    group.place().config(UnifiedGroup::shown);
    group.start();
    Path below = Files.createDirectory(group.directory().resolve("init.scope"));
    String pid = NamespaceCases.pid(group.place(), group.id());
    Files.writeString(below.resolve("cgroup.procs"), pid);
    String controllers = group.read("cgroup.controllers");
    assume(!controllers.isEmpty(), "the group has no controller");
    Files.writeString(
        group.directory().resolve("cgroup.subtree_control"), "+" + controllers.split(" ")[0]);
    String out = exec(group, "grep", "^0::", "/proc/self/cgroup").ok().out();
    equal("0::" + group.path() + "/init.scope\n", out, "the group");
  }

  static void full(UnifiedGroup group) throws IOException {
    String controllers = Files.readString(Path.of("/sys/fs/cgroup/cgroup.controllers"));
    assume(controllers.contains("pids"), "there is no controller of processes");
    group.resources(resources -> resources.putObject("pids").put("limit", 1)).start();
    Command.Outcome outcome = exec(group, "true").code(255);
    assume(!group.place().isRunc(), "runc 1.1.5 says it in other words");
    outcome.says("error adding pid to cgroups").says("/linux/resources/pids/limit");
  }
}
