package dev.jrunc.conformance.engines;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.engines.Option.Words;
import dev.jrunc.conformance.harness.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What Docker's command line and Podman's let people set. */
final class SettingChecks {
  private static final int SYS_RESOURCE = 24;

  private SettingChecks() {}

  static List<Check<CommandLineEngine>> all() {
    return List.of(
        new Check<>("a limit of processes holds", SettingChecks::processes),
        new Check<>("limits of open files and core size", SettingChecks::limits),
        new Check<>("host name and sysctl", SettingChecks::hostname),
        new Check<>("temporary file systems of a given size", SettingChecks::temporary),
        new Check<>("a named volume outlives its container", SettingChecks::volume),
        new Check<>("another container's processes and queues", SettingChecks::namespacesOfOther),
        new Check<>("a cgroup namespace of its own", SettingChecks::cgroupNamespace),
        new Check<>("a group of cgroups of one's own", SettingChecks::cgroupParent),
        new Check<>("a mount of the host appears in a slave", SettingChecks::propagation),
        new Check<>("containers on a bridge, and a published port", SettingChecks::bridge),
        new Check<>("an image is built, its RUN by the runtime", SettingChecks::build),
        new Check<>("a privileged container", SettingChecks::privileged));
  }

  private static int pid(Place<CommandLineEngine> place, Option... options) {
    return place.engine().pid(place.waiting(options));
  }

  private static void processes(Place<CommandLineEngine> place) throws Exception {
    Option limit = Words.of("--pids-limit", "20");
    equal("20", Groups.read(pid(place, limit), "pids", "pids.max"), "pids.max");
    String script = "for i in $(seq 30); do sleep 1 & done 2>&1";
    place
        .script(
            List.of(limit),
            script.replace("$(seq 30)", "1 2 3 4 5 6 7 8 9 a b c d e f g h i j k l m n"))
        .says("can't fork");
  }

  private static void limits(Place<CommandLineEngine> place) {
    List<Option> options =
        List.of(
            Words.of(
                "--ulimit",
                "nofile=100:200",
                "--ulimit",
                "core=0:0",
                "--ulimit",
                "nproc=1000:1000"));
    equal(
        "100 200 0\n",
        place.script(options, "echo $(ulimit -Sn) $(ulimit -Hn) $(ulimit -Hc)").ok().out(),
        "the limits");
  }

  private static void hostname(Place<CommandLineEngine> place) {
    List<Option> options =
        List.of(Words.of("--hostname", "inside", "--sysctl", "kernel.msgmax=9999"));
    equal(
        "inside 9999\n",
        place.script(options, "echo $(hostname) $(cat /proc/sys/kernel/msgmax)").ok().out(),
        "the names");
  }

  private static void temporary(Place<CommandLineEngine> place) {
    List<Option> options =
        List.of(Words.of("--tmpfs", "/scratch:size=1m,mode=1777", "--shm-size", "2m"));
    String said =
        place
            .script(options, "df -k /scratch /dev/shm; dd if=/dev/zero of=/scratch/x bs=1M count=2")
            .code(1)
            .all();
    that(said.matches("(?s).*tmpfs +1024 .*(tmpfs|shm) +2048 .*"), "the sizes:\n" + said);
    contains(said, "No space left on device");
  }

  private static void volume(Place<CommandLineEngine> place) {
    String name = "volume-" + Processes.self();
    Option volume = Words.of("-v", name + ":/kept");
    place.script(List.of(volume), "echo kept >/kept/file").ok();
    equal("kept\n", place.script(List.of(volume), "cat /kept/file").ok().out(), "the file");
    place.engine().client("volume", "rm", name).run().ok();
  }

  private static void namespacesOfOther(Place<CommandLineEngine> place) throws Exception {
    String first = place.waiting(Words.of("--ipc", "shareable"));
    int pid = pid(place, Words.of("--pid", "container:" + first, "--ipc", "container:" + first));
    for (String type : List.of("pid", "ipc")) {
      equal(
          Processes.namespace(place.engine().pid(first), type),
          Processes.namespace(pid, type),
          "the namespace");
    }
    that(
        !Processes.namespace(pid, "mnt")
            .equals(Processes.namespace(place.engine().pid(first), "mnt")),
        "the mounts are the same too");
    equal(
        Processes.namespace(Processes.self(), "uts"),
        Processes.namespace(pid(place, Words.of("--uts", "host")), "uts"),
        "the host's");
  }

  private static void cgroupNamespace(Place<CommandLineEngine> place) {
    String script = "grep -E 'memory|pids' /proc/self/cgroup";
    String own = place.script(List.of(Words.of("--cgroupns", "private")), script).ok().out();
    that(own.lines().allMatch(line -> line.endsWith(":/")), "the groups:\n" + own);
    String hosts = place.script(List.of(Words.of("--cgroupns", "host")), script).ok().out();
    contains(hosts, "/" + place.engine().parentGroup());
  }

  private static void cgroupParent(Place<CommandLineEngine> place) throws Exception {
    String parent = "own-" + Processes.self();
    int pid = pid(place, Words.of("--cgroup-parent", "/" + parent));
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/cgroup"))) {
      that(line.startsWith("0:") || line.contains(":/" + parent + "/"), line);
    }
  }

  private static void propagation(Place<CommandLineEngine> place) throws Exception {
    Path shared = Files.createDirectory(place.folder().resolve("shared"));
    Command.of("mount", "-t", "tmpfs", "tmpfs", shared.toString()).run().ok();
    try {
      Command.of("mount", "--make-shared", shared.toString()).run().ok();
      Files.createDirectory(shared.resolve("below"));
      String id = place.waiting(Words.of("-v", shared + ":/shared:rslave"));
      Command.of("mount", "-t", "tmpfs", "late", shared + "/below").run().ok();
      String mounts = place.engine().exec(id, List.of(), "cat", "/proc/mounts").run().ok().out();
      contains(mounts, "late /shared/below tmpfs");
      place.engine().remove(id);
    } finally {
      Command.of("umount", "--recursive", shared.toString()).run().ok();
    }
  }

  private static void bridge(Place<CommandLineEngine> place) throws Exception {
    String server =
        place.started(
            List.of(new Option.Bridge(), Words.of("-p", "127.0.0.1:18080:80")),
            "echo served >/tmp/index.html; httpd -f -p 80 -h /tmp");
    String address =
        place.engine().inspect(server, "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}");
    Waiting.until(
        () ->
            place
                .script(List.of(new Option.Bridge()), "wget -qO- http://" + address)
                .out()
                .equals("served\n"),
        "no answer over the bridge");
    equal(
        "served\n",
        Command.of("busybox", "wget", "-qO-", "http://127.0.0.1:18080").run().ok().out(),
        "the answer of the published port");
  }

  private static void build(Place<CommandLineEngine> place) throws IOException {
    Path context = Files.createDirectory(place.folder().resolve("context"));
    Files.writeString(
        context.resolve("Dockerfile"),
        """
        FROM %s
        RUN id -u >/built && echo more >>/built
        USER web
        CMD cat /built
        """
            .formatted(TestImage.NAME));
    place
        .engine()
        .client("build", "--network=none", "--tag", "localhost/built", context.toString())
        .with("DOCKER_BUILDKIT", "0")
        .run()
        .ok();
    String id = place.container();
    Command.Outcome outcome =
        place
            .engine()
            .client("run", "--rm", "--name", id, "--network=none", "localhost/built")
            .run()
            .ok();
    equal("0\nmore\n", outcome.out(), "what was built");
    place.engine().client("rmi", "localhost/built").run().ok();
  }

  private static void privileged(Place<CommandLineEngine> place) throws IOException {
    assume(
        Processes.has(Processes.status(Processes.self(), "CapBnd"), SYS_RESOURCE),
        "the engines ask for CAP_SYS_RESOURCE, which this host gives nobody");
    String script = "mount -t tmpfs tmpfs /tmp && test -e /dev/fuse && echo mounted";
    equal(
        "mounted\n",
        place.script(List.of(Words.of("--privileged")), script).ok().out(),
        "a privileged one");
  }
}
