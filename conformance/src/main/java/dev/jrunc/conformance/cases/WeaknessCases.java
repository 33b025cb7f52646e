package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import dev.jrunc.conformance.harness.TestNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/** Weaknesses that runtimes had, tried with what an image, a volume or a neighbour can bring. */
final class WeaknessCases {
  private static final String VULNERABLE = "runc 1.1.5 has this weakness";

  private WeaknessCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("nobody inside looks into exec", "CVE-2016-9962", WeaknessCases::entering),
        Case.of("a volume over /proc is refused", "CVE-2019-19921", WeaknessCases::volume),
        Case.of(
            "a mount that a link leads into /proc",
            "CVE-2019-16884, CVE-2025-52881",
            WeaknessCases::linkIntoProc),
        Case.of(
            "sysctls do not go where somebody mounted",
            "CVE-2025-52881, CVE-2025-62596",
            WeaknessCases::sysctl),
        Case.of(
            "what poses as /dev/null masks nothing",
            "CVE-2025-31133, CVE-2025-62161",
            WeaknessCases::nullDevice),
        Case.of("/dev/console as a link stays a link", "CVE-2025-52565", WeaknessCases::console),
        Case.of(
            "a folder that becomes a link while mounts are made",
            "CVE-2024-45310, CVE-2021-30465",
            WeaknessCases::swapped),
        Case.of("resolv.conf as a link stays inside", "CVE-2025-24965", WeaknessCases::resolver),
        Case.of("a config of more than 64 KiB holds", "CVE-2021-43784", WeaknessCases::oversize),
        Case.of(
            "run puts nothing into the inheritable set",
            "CVE-2022-27650",
            WeaknessCases::inheritable));
  }

  private static void identity(ObjectNode config) {
    Sandbox.namespaces(config).addObject().put("type", "user");
    for (String kind : List.of("uidMappings", "gidMappings")) {
      ArrayNode maps = config.withObject("/linux").putArray(kind);
      maps.addObject().put("containerID", 0).put("hostID", 0).put("size", 65536);
    }
  }

  // A process that enters a paused container stops half-way in. nsenter has every right over the
  // user namespace, as root of a container with CAP_SYS_PTRACE.
  private static void entering(Sandbox place) throws Exception {
    assume(Files.exists(Path.of("/sys/fs/cgroup/freezer")), "no freezer of cgroup v1");
    String id = LifecycleCases.running(place.config(WeaknessCases::identity));
    String pid = NamespaceCases.pid(place, id);
    place.runtime("pause", id).run().ok();
    Path log = place.folder().resolve("exec.log");
    Process exec = place.runtime("exec", "--ignore-paused", id, "true").intoFile(log).start();
    String script =
        "for p in /proc/[0-9]*; do case $(cat $p/comm) in sleep|sh|cat|ls|busybox) ;;"
            + " *) echo seen $(ls -l $p/fd);; esac; done 2>/dev/null";
    String[] seen = {""};
    LifecycleCases.await(
        () -> {
          seen[0] = inside(pid, script);
          return seen[0].contains("seen");
        },
        "nobody sees the process that enters");
    that(!seen[0].contains("->"), "its files can be looked at: " + seen[0]);
    place.runtime("resume", id).run().ok();
    equal(0, exec.onExit().join().exitValue(), "the exit code of exec");
  }

  private static String inside(String pid, String script) {
    return Command.of(
            "nsenter", "--user", "--pid", "--mount", "--target", pid, "/bin/sh", "-c", script)
        .run()
        .out();
  }

  private static void volume(Sandbox place) throws IOException {
    Path fake = Files.createDirectories(place.folder().resolve("fake/self/attr"));
    Files.createFile(fake.resolve("exec"));
    String source = place.folder().resolve("fake").toString();
    place.config(config -> {
      ArrayNode mounts = config.withArray("/mounts");
      mounts.remove(0);
      Sandbox.mount(config, "/proc", "bind", source, "bind");
    });
    place.args("true").run().code(1).says("not of type proc");
  }

  private static void linkIntoProc(Sandbox place) throws IOException {
    assume(!place.isRunc(), "runc 1.1.5 looks at the name alone");
    Files.createSymbolicLink(place.rootfs().resolve("etc/kernel"), Path.of("/proc/sys/kernel"));
    place.config(config -> Sandbox.mount(config, "/etc/kernel", "tmpfs", "tmpfs"));
    place.args("true").run().code(1).says("inside /proc");
  }

  private static void sysctl(Sandbox place) throws Exception {
    assume(!place.isRunc(), VULNERABLE);
    Path proc = Files.createDirectory(place.folder().resolve("procfs"));
    Path victim = Files.createDirectory(place.folder().resolve("victim"));
    Files.writeString(victim.resolve("shmmni"), "untouched\n");
    String covered = proc.resolve("sys/kernel").toString();
    Command.of("mount", "-t", "proc", "proc", proc.toString()).run().ok();
    try {
      Command.of("mount", "--bind", victim.toString(), covered).run().ok();
      place.config(config -> {
        config.withArray("/mounts").remove(0);
        config.withArray("/mounts").insertObject(0).put("destination", "/proc");
        ObjectNode mount = (ObjectNode) config.at("/mounts/0");
        mount.put("type", "bind").put("source", proc.toString()).putArray("options").add("rbind");
        config.withObject("/linux/sysctl").put("kernel.shmmni", "1234");
      });
      equal("untouched\n", place.args("cat", "/proc/sys/kernel/shmmni").run().ok().out(), "it");
      equal("untouched\n", Files.readString(victim.resolve("shmmni")), "what lies over it");
    } finally {
      Command.of("umount", "--lazy", covered).run();
      Command.of("umount", "--lazy", proc.toString()).run().ok();
    }
  }

  /** Binds a folder on /dev that holds this, and takes all other mounts in /dev away. */
  private static Path ownDev(Sandbox place) throws IOException {
    Path dev = Files.createDirectory(place.folder().resolve("dev"));
    Files.createDirectory(dev.resolve("pts"));
    place.config(config -> {
      ArrayNode mounts = config.withArray("/mounts");
      for (int i = mounts.size() - 1; i >= 0; i--) {
        if (mounts.get(i).path("destination").asText().startsWith("/dev")) {
          mounts.remove(i);
        }
      }
      Sandbox.mount(config, "/dev", "bind", dev.toString(), "bind");
    });
    return dev;
  }

  private static void nullDevice(Sandbox place) throws IOException {
    assume(!place.isRunc(), VULNERABLE);
    Path dev = ownDev(place);
    place.args("true");
    Files.createSymbolicLink(dev.resolve("null"), Path.of("/etc/passwd"));
    place.run().code(1).says("/dev/null");
    Files.delete(dev.resolve("null"));
    Files.createFile(dev.resolve("null"));
    place.run().code(1).says("/dev/null of the container is not the null device");
    Files.delete(dev.resolve("null"));
    Command.of("mknod", dev.resolve("null").toString(), "c", "1", "5").run().ok();
    place.run().code(1).says("/dev/null of the container is not the null device");
  }

  private static void console(Sandbox place) throws IOException {
    assume(!place.isRunc(), VULNERABLE);
    assume(Files.exists(Path.of("/usr/bin/script")), "script(1) is not there");
    Path dev = ownDev(place);
    Command.of("mknod", dev.resolve("null").toString(), "c", "1", "3").run().ok();
    Files.createSymbolicLink(dev.resolve("ptmx"), Path.of("pts/ptmx"));
    Files.createSymbolicLink(dev.resolve("console"), Path.of("/etc/passwd"));
    place.config(config -> {
      config.withObject("/process").put("terminal", true);
      Sandbox.mount(config, "/dev/pts", "devpts", "devpts", "newinstance", "ptmxmode=0666");
    });
    place.script("head -c 5 /etc/passwd; grep -c ' /etc/passwd ' /proc/self/mountinfo; true");
    String out = place.runtime("run", place.container()).inTerminal().run().all();
    contains(out, "root:0");
  }

  // Between two looks of the runtime the folder is a link out of the root, and back.
  private static void swapped(Sandbox place) throws Exception {
    assume(!place.isRunc(), VULNERABLE);
    Path outside = Files.createDirectory(place.folder().resolve("outside"));
    Path trash = Files.createDirectory(place.folder().resolve("trash"));
    Path folder = Files.createDirectory(place.rootfs().resolve("a"));
    String source = Files.createDirectory(place.folder().resolve("source")).toString();
    place.config(Writable::root);
    place.config(config -> {
      Sandbox.mount(config, "/a/b/c", "bind", source, "bind");
      Sandbox.mount(config, "/a/d/e", "tmpfs", "tmpfs");
    });
    AtomicBoolean over = new AtomicBoolean();
    Thread swaps = Thread.ofPlatform().start(() -> swap(folder, outside, trash, over));
    int ran = 0;
    for (int i = 0; i < 60; i++) {
      ran += place.args("true").run().code() == 0 ? 1 : 0;
    }
    over.set(true);
    swaps.join();
    try (Stream<Path> made = Files.list(outside)) {
      equal(List.of(), made.toList(), "what was made outside");
    }
    that(ran > 0, "not one of the containers ran");
  }

  private static void swap(Path folder, Path outside, Path trash, AtomicBoolean over) {
    for (int i = 0; !over.get(); i++) {
      swapOnce(folder, outside, trash.resolve("" + i));
    }
  }

  private static void swapOnce(Path folder, Path outside, Path trash) {
    try {
      Files.move(folder, trash);
      Files.createSymbolicLink(folder, outside);
      Files.delete(folder);
      Files.createDirectories(folder);
    } catch (IOException faster) {
      // The runtime makes the folder too; the next turn takes that away.
      return;
    }
  }

  private static void resolver(Sandbox place) throws IOException {
    assume(!place.isRunc(), "runc makes no networks");
    Path outside = place.folder().resolve("outside");
    Files.writeString(outside, "untouched\n");
    Files.createSymbolicLink(place.rootfs().resolve("etc/resolv.conf"), outside);
    place.config(Writable::root).args("cat", "/etc/resolv.conf");
    try (TestNetwork network = TestNetwork.open()) {
      NetworkCase.jrunc(place, network, "run", "--network", "bridge", place.container()).run().ok();
    }
    equal("untouched\n", Files.readString(outside), "the file outside");
  }

  private static void oversize(Sandbox place) throws IOException {
    Path deep = place.folder().resolve(("n".repeat(200) + "/").repeat(4));
    String source = Files.createDirectories(deep).toString();
    place.config(WeaknessCases::identity).config(Writable::root);
    place.config(config -> {
      for (int i = 0; i < 90; i++) {
        Sandbox.mount(config, "/m/" + i, "bind", source, "bind");
      }
    });
    place.script("tr -s ' ' < /proc/self/uid_map; readlink /proc/self/ns/pid; ls /m | wc -l");
    Command.Outcome outcome = place.run();
    assume(!place.isRunc() || outcome.code() == 0, "runc 1.1.5 refuses it");
    String[] lines = outcome.ok().out().split("\n");
    equal(" 0 0 65536", lines[0], "the map of ids");
    that(!Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString().equals(lines[1]), "pid");
    equal("90", lines[2], "the number of mounts");
  }

  private static void inheritable(Sandbox place) {
    String out = place.args("grep", "CapInh", "/proc/self/status").run().ok().out();
    equal("CapInh:\t0000000000000000\n", out, "the inheritable set");
  }
}
