package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.cases.RootlessCases.USER;
import static dev.jrunc.conformance.cases.RootlessCases.prepare;
import static dev.jrunc.conformance.cases.RootlessCases.refused;
import static dev.jrunc.conformance.cases.RootlessCases.runtime;
import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Groups of an ordinary user's containers: those that were given to the user, and none. */
final class RootlessGroupCases {
  private RootlessGroupCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("limits need a delegated group", "runc --rootless", RootlessGroupCases::limits),
        Case.of(
            "a group of the user's takes limits", "runc --rootless", RootlessGroupCases::delegated),
        Case.of(
            "what takes a group says so where there is none",
            "ours",
            RootlessGroupCases::groupless),
        Case.of(
            "a cgroupsPath out of reach fails",
            "runc --rootless",
            RootlessGroupCases::cgroupsPath));
  }

  /** Those that want cgroup v2 alone. */
  static List<Case> unified() {
    return List.of(
        Case.of(
            "v2 without root: limits in a delegated group",
            "runc --rootless",
            RootlessGroupCases::delegatedUnified));
  }

  // As cgroup-v2.rst, "Delegation" has it: the folder, and the three files that move processes.
  private static void delegatedUnified(Sandbox place) throws IOException {
    Path root = Path.of("/sys/fs/cgroup");
    assume(
        Files.exists(root.resolve("cgroup.controllers")), "this machine has not cgroup v2 alone");
    prepare(place, "cat", "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/pids.max");
    place.config(config -> {
      config.withObject("/linux/resources/memory").put("limit", 64 << 20);
      config.withObject("/linux/resources/pids").put("limit", 50);
    });
    Path own = root.resolve("conformance-own-" + ProcessHandle.current().pid());
    Path shell = Files.createDirectories(own.resolve("shell"));
    try {
      Files.writeString(root.resolve("cgroup.subtree_control"), "+memory +pids");
      Files.writeString(own.resolve("cgroup.subtree_control"), "+memory +pids");
      for (Path group : List.of(own, shell)) {
        for (String file :
            List.of("", "cgroup.procs", "cgroup.threads", "cgroup.subtree_control")) {
          Command.of("chown", USER + ":" + USER, group.resolve(file).toString()).run().ok();
        }
      }
      String enter = "echo $$ >" + shell + "/cgroup.procs; exec \"$@\"";
      Command run = runtime(place, "run", place.container()).behind("sh", "-c", enter, "-");
      equal("67108864\n50\n", run.run().ok().out(), "the limits inside");
      try (Stream<Path> groups = Files.list(own)) {
        equal(List.of(shell), groups.filter(Files::isDirectory).toList(), "the groups afterwards");
      }
    } finally {
      Command.of("rmdir", shell.toString(), own.toString()).run().ok();
    }
  }

  private static void limits(Sandbox place) throws IOException {
    prepare(place, "true");
    place.config(config -> config.withObject("/linux/resources/memory").put("limit", 64 << 20));
    refused(place, runtime(place, "run", place.container()))
        .says("cannot set memory limit: container could not join or create cgroup");
  }

  /** In each hierarchy a group that is the user's, and this process in it. */
  private static final String IN_GROUPS =
      """
      set -e
      for h in /sys/fs/cgroup/*/; do
        g="$h$GROUP"
        mkdir -p "$g"
        if [ -e "$g/cpuset.cpus" ]; then
          cat "$h/cpuset.cpus" >"$g/cpuset.cpus"
          cat "$h/cpuset.mems" >"$g/cpuset.mems"
        fi
        chown %1$d:%1$d "$g" "$g/cgroup.procs"
        echo $$ >"$g/cgroup.procs"
      done
      exec "$@"
      """
          .formatted(USER);

  private static Command inGroups(Sandbox place, String group, String... words) throws IOException {
    return runtime(place, words).with("GROUP", group).behind("sh", "-c", IN_GROUPS, "sh");
  }

  private static void delegated(Sandbox place) throws Exception {
    assume(
        Files.isDirectory(Path.of("/sys/fs/cgroup/memory")), "no cgroups of version 1 are mounted");
    prepare(place, "sleep", "1000");
    place.config(config -> config.withObject("/linux/resources/memory").put("limit", 64 << 20));
    String id = place.container();
    String group = "of-user-" + id;
    try {
      Command.Outcome run =
          inGroups(place, group, "run", "--detach", id)
              .intoFile(place.folder().resolve("out"))
              .run();
      that(run.code() == 0, run.all());
      Path limit = Path.of("/sys/fs/cgroup/memory", group, id, "memory.limit_in_bytes");
      equal((64 << 20) + "\n", Files.readString(limit), "the limit");
      runtime(place, "update", "--memory", "32M", id).run().ok();
      equal((32 << 20) + "\n", Files.readString(limit), "the limit after update");
      runtime(place, "pause", id).run().ok();
      contains(runtime(place, "state", id).run().ok().out(), "\"paused\"");
      runtime(place, "resume", id).run().ok();
      equal(2, runtime(place, "ps", id).run().ok().out().split("\n").length, "the lines of ps");
      contains(runtime(place, "events", "--stats", id).run().ok().out(), "\"limit\":33554432");
      runtime(place, "delete", "--force", id).run().ok();
      that(!Files.exists(limit), limit + " is left");
    } finally {
      Command.of("sh", "-c", "rmdir /sys/fs/cgroup/*/" + group).run();
    }
  }

  private static void groupless(Sandbox place) throws Exception {
    prepare(place, "sh", "-c", "sleep 1000 & sleep 1000 & wait");
    String id = place.container();
    Command.Outcome run =
        runtime(place, "run", "--detach", id).intoFile(place.folder().resolve("out")).run();
    that(run.code() == 0, run.all());
    runtime(place, "pause", id).run().code(1).says("cgroups not configured for container");
    runtime(place, "resume", id).run().code(1).says("container not paused");
    runtime(place, "update", "--memory", "64M", id)
        .run()
        .code(1)
        .says("cannot set memory limit: container could not join or create cgroup");
    contains(runtime(place, "events", "--stats", id).run().ok().out(), "\"type\":\"stats\"");
    if (place.isRunc()) {
      // It knows the processes of a group alone.
      runtime(place, "ps", id).run().code(1);
      runtime(place, "delete", "--force", id).run().ok();
      return;
    }
    LifecycleCases.await(
        () -> runtime(place, "ps", "--format", "json", id).run().ok().out().split(",").length == 3,
        "not three processes");
    String table = runtime(place, "ps", id).run().ok().out();
    equal(4, table.split("\n").length, "the lines of the table:\n" + table);
    // A shell that waits takes no TERM, but all of its children end by it.
    runtime(place, "kill", "--all", id, "TERM").run().ok();
    LifecycleCases.await(
        () -> runtime(place, "state", id).run().out().contains("\"stopped\""), "not stopped");
    runtime(place, "delete", id).run().ok();
  }

  private static void cgroupsPath(Sandbox place) throws IOException {
    prepare(place, "true");
    place.config(config -> config.withObject("/linux").put("cgroupsPath", "/out-of-reach/group"));
    refused(place, runtime(place, "run", place.container())).says("permission denied");
  }
}
