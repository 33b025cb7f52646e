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
            "their cgroups cannot be written inside", "CVE-2023-25809", RootlessCases::writable));
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

  /** Nothing of it may be left. */
  static Command.Outcome refused(Sandbox place, Command run) throws IOException {
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
