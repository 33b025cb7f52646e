package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Containers of an ordinary user, who is there for the case alone. */
final class RootlessCases {
  static final int USER = 54321;
  static final int RANGE = 700000;

  /** Private copies of the files that name users and give them ranges of ids. */
  private static final String AS_USER =
      """
      set -e
      cp /etc/passwd "$0/passwd"
      echo "conformance:x:%1$d:%1$d::/:/bin/sh" >>"$0/passwd"
      [ -n "$NO_RANGE" ] || range="conformance:%2$d:1000"
      echo "$range" >"$0/ranges"
      mount --bind "$0/passwd" /etc/passwd
      touch /etc/subuid /etc/subgid
      mount --bind "$0/ranges" /etc/subuid
      mount --bind "$0/ranges" /etc/subgid
      if [ -n "$TAP" ]; then mount --bind "$TAP" /dev/net/tun; fi
      if [ -n "$HIDDEN" ]; then mount --bind /dev/null "$HIDDEN"; fi
      exec setpriv --reuid %1$d --regid %1$d --clear-groups "$@"
      """
          .formatted(USER, RANGE);

  private RootlessCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("spec --rootless of a user without a name", "runc spec", RootlessCases::spec),
        Case.of("a user without root has containers", "runc --rootless", RootlessCases::life),
        Case.of("so has root of a user namespace", "runc --rootless", RootlessCases::nested),
        Case.of("and where a user made it", "runc --root", RootlessCases::nestedOfUser),
        Case.of("their state is in XDG_RUNTIME_DIR", "runc --root", RootlessCases::stateFolder),
        Case.of("ranges of ids are mapped by newuidmap", "runc --rootless", RootlessCases::ranges),
        Case.of("a range of others is refused", "config-linux: user", RootlessCases::foreignRange),
        Case.of("a user without a range is told", "config-linux: user", RootlessCases::noRange),
        Case.of("a missing newuidmap is named", "config-linux: user", RootlessCases::noTool),
        Case.of(
            "their cgroups cannot be written inside", "CVE-2023-25809", RootlessCases::writable),
        Case.of("limits need a delegated group", "runc --rootless", RootlessCases::limits),
        Case.of("a group of the user's takes limits", "runc --rootless", RootlessCases::delegated),
        Case.of("what takes a group says so where there is none", "ours", RootlessCases::groupless),
        Case.of("a cgroupsPath out of reach fails", "runc --rootless", RootlessCases::cgroupsPath));
  }

  /** Those that want cgroup v2 alone. */
  static List<Case> unified() {
    return List.of(
        Case.of(
            "v2 without root: limits in a delegated group",
            "runc --rootless",
            RootlessCases::delegatedUnified));
  }

  static Command asUser(Sandbox place, String hidden, List<String> words) throws IOException {
    return Command.of(becoming(place.folder(), words))
        .in(place.bundle())
        .with("HIDDEN", hidden)
        .with("XDG_RUNTIME_DIR", place.folder() + "/session");
  }

  /** The words as those of the user; the folder takes what he is to see of /etc. */
  static List<String> becoming(Path folder, List<String> words) {
    List<String> all = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c", AS_USER));
    all.add(folder.toString());
    all.addAll(words);
    return all;
  }

  /** The runtime without the place's own root folder. */
  static Command runtime(Sandbox place, String... words) throws IOException {
    List<String> all = new ArrayList<>(List.of(program(place).toString()));
    all.addAll(List.of(words));
    return asUser(place, "", all);
  }

  // The folders above the build need not be open to everybody.
  static Path program(Sandbox place) throws IOException {
    Path copy = place.folder().resolve(String.valueOf(place.runtimePath().getFileName()));
    if (!Files.exists(copy)) {
      Files.copy(place.runtimePath(), copy);
      that(copy.toFile().setExecutable(true, false), "cannot open " + copy);
    }
    return copy;
  }

  /** A bundle that is the user's, with this program. */
  static void prepare(Sandbox place, String... args) throws IOException {
    Files.deleteIfExists(place.bundle().resolve("config.json"));
    Files.createDirectories(place.folder().resolve("session"));
    Command.of("chown", "-R", USER + ":" + USER, place.folder().toString()).run().ok();
    that(place.folder().toFile().setExecutable(true, false), "cannot open the place");
    runtime(place, "spec", "--rootless").run().ok();
    place.args(args).config(config -> config.withObject("/process").put("terminal", false));
  }

  private static void spec(Sandbox place) throws IOException {
    prepare(place);
    Files.delete(place.bundle().resolve("config.json"));
    String user = String.valueOf(USER);
    Command.of(program(place).toString(), "spec", "--rootless")
        .in(place.bundle())
        .behind("setpriv", "--reuid", user, "--regid", user, "--clear-groups")
        .run()
        .ok();
    place.args("id", "-u").config(config -> config.withObject("/process").put("terminal", false));
    place.config(config -> {
      ObjectNode map = (ObjectNode) config.at("/linux/uidMappings/0");
      equal(USER, map.path("hostID").asInt(), "the id outside");
      equal(1, map.path("size").asInt(), "the number of ids");
    });
    equal("0\n", runtime(place, "run", place.container()).run().ok().out(), "the id inside");
  }

  private static void life(Sandbox place) throws Exception {
    prepare(place, "sleep", "1000");
    String id = place.container();
    Command.Outcome run =
        runtime(place, "run", "--detach", id).intoFile(place.folder().resolve("out")).run();
    that(run.code() == 0, run.all());
    equal("0\n", runtime(place, "exec", id, "id", "-u").run().ok().out(), "the id of exec");
    contains(runtime(place, "list").run().ok().out(), id);
    contains(runtime(place, "state", id).run().ok().out(), "\"running\"");
    runtime(place, "kill", id, "KILL").run().ok();
    LifecycleCases.await(
        () -> runtime(place, "state", id).run().out().contains("\"stopped\""), "not stopped");
    runtime(place, "delete", id).run().ok();
    runtime(place, "state", id).run().code(1);
  }

  /** Devices are for root of the host to limit, and nobody else can make any. */
  private static void nested(Sandbox place) throws IOException {
    assume(!place.isRunc(), "runc 1.1.5 ends with \"can't get final child's PID from pipe\"");
    Files.deleteIfExists(place.bundle().resolve("config.json"));
    String[] become = {"unshare", "--user", "--map-root-user"};
    place.runtime("spec", "--rootless").in(place.bundle()).behind(become).run().ok();
    place.args("cat", "/proc/self/uid_map");
    place.config(config -> config.withObject("/process").put("terminal", false));
    Command run = place.runtime("run", "--bundle", place.bundle().toString(), place.container());
    equal(
        "0 0 1",
        run.behind(become).run().ok().out().strip().replaceAll("\\s+", " "),
        "the map in the container");
  }

  /** As rootless podman starts runtimes: root of a namespace in which /run is not root's. */
  private static void nestedOfUser(Sandbox place) throws IOException {
    assume(!place.isRunc(), "runc 1.1.5 ends with \"can't get final child's PID from pipe\"");
    prepare(place, "cat", "/proc/self/uid_map");
    place.config(config -> {
      for (String map : List.of("uidMappings", "gidMappings")) {
        ((ObjectNode) config.at("/linux/" + map + "/0")).put("hostID", 0);
      }
    });
    String id = place.container();
    List<String> words = new ArrayList<>(List.of("unshare", "--user", "--map-root-user", "env"));
    words.addAll(List.of("-u", "USER", program(place).toString()));
    asUser(place, "", Command.words(words, "create", id))
        .intoFile(place.folder().resolve("out"))
        .run();
    Path state = place.folder().resolve("session/" + program(place).getFileName() + "/" + id);
    that(Files.exists(state), "no " + state + Files.readString(place.folder().resolve("out")));
    asUser(place, "", Command.words(words, "delete", "--force", id)).run().ok();
    that(!Files.exists(state), state + " is left");
    equal(
        "0 0 1",
        asUser(place, "", Command.words(words, "run", id))
            .run()
            .ok()
            .out()
            .strip()
            .replaceAll("\\s+", " "),
        "the map in the container");
  }

  private static void stateFolder(Sandbox place) throws IOException {
    prepare(place, "true");
    String id = place.container();
    runtime(place, "create", id).intoFile(place.folder().resolve("out")).run();
    Path state = place.folder().resolve("session/" + program(place).getFileName() + "/" + id);
    that(Files.exists(state), "no " + state);
    runtime(place, "delete", "--force", id).run().ok();
    that(!Files.exists(state), state + " is left");
  }

  static void more(Sandbox place, int hostId, int size) {
    place.config(config -> {
      for (String map : List.of("uidMappings", "gidMappings")) {
        config
            .withObject("/linux")
            .withArray(map)
            .addObject()
            .put("containerID", 1)
            .put("hostID", hostId)
            .put("size", size);
      }
    });
  }

  private static void ranges(Sandbox place) throws IOException {
    assume(Files.exists(Path.of("/usr/bin/newuidmap")), "newuidmap is not installed");
    prepare(place, "sh", "-c", "cat /proc/self/uid_map /proc/self/gid_map | tr -s ' '");
    more(place, RANGE, 500);
    String map = " 0 " + USER + " 1\n 1 " + RANGE + " 500\n";
    equal(map + map, runtime(place, "run", place.container()).run().ok().out(), "the maps");
  }

  private static void foreignRange(Sandbox place) throws IOException {
    assume(Files.exists(Path.of("/usr/bin/newuidmap")), "newuidmap is not installed");
    prepare(place, "true");
    more(place, RANGE + 1000, 1);
    refused(place, runtime(place, "run", place.container())).says("newuidmap").says("not allowed");
  }

  private static void noRange(Sandbox place) throws IOException {
    assume(Files.exists(Path.of("/usr/bin/newuidmap")), "newuidmap is not installed");
    prepare(place, "true");
    more(place, RANGE, 1);
    Command.Outcome outcome =
        refused(place, runtime(place, "run", place.container()).with("NO_RANGE", "1"));
    outcome.says("newuidmap");
    if (!place.isRunc()) {
      outcome.says("map ids of a range that /etc/subuid gives this user");
      Command.Outcome told = runtime(place, "doctor").with("NO_RANGE", "1").run();
      contains(told.out(), "limited  uid ranges: ");
      contains(told.out(), "/etc/subuid");
    }
  }

  private static void noTool(Sandbox place) throws IOException {
    Path tool = Path.of("/usr/bin/newuidmap");
    assume(Files.exists(tool), "newuidmap is not installed");
    assume(!place.isRunc(), "runc 1.1.5 does not say that it cannot be run");
    prepare(place, "true");
    more(place, RANGE, 1);
    List<String> words = List.of(program(place).toString(), "run", place.container());
    refused(place, asUser(place, tool.toString(), words)).says("newuidmap");
  }

  // A group that is the user's own on the host is seen by way of /sys, which is bound with all
  // below.
  private static void writable(Sandbox place) throws IOException {
    Path memory = Path.of("/sys/fs/cgroup/memory");
    assume(Files.exists(memory), "no cgroup v1 on this machine");
    Path own = memory.resolve("conformance-own-" + ProcessHandle.current().pid());
    String script =
        "for d in /sys/fs/cgroup/* /sys/fs/cgroup/*/*; do"
            + " mkdir $d/made 2>/dev/null && echo made in $d; done; echo end";
    prepare(place, "sh", "-c", script);
    Files.createDirectory(own);
    try {
      Command.of("chown", "-R", USER + ":" + USER, own.toString()).run().ok();
      String enter = "echo $$ >" + own + "/cgroup.procs; exec \"$@\"";
      Command run = runtime(place, "run", place.container()).behind("sh", "-c", enter, "-");
      equal("end\n", run.run().ok().out(), "what was made");
    } finally {
      Command.of("rmdir", own.toString()).run().ok();
    }
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

  /** Nothing of it may be left. */
  private static Command.Outcome refused(Sandbox place, Command run) throws IOException {
    Command.Outcome outcome = run.run();
    that(outcome.code() != 0, "it ran");
    nothingIsLeft(place.folder().resolve("session/" + program(place).getFileName()));
    return outcome;
  }

  static void nothingIsLeft(Path states) throws IOException {
    if (Files.exists(states)) {
      try (Stream<Path> left = Files.list(states)) {
        List<Path> all =
            left.filter(path -> !path.getFileName().toString().startsWith(".")).toList();
        that(all.isEmpty(), "left: " + all);
      }
    }
  }
}
