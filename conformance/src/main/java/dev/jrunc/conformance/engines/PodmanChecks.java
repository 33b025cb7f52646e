package dev.jrunc.conformance.engines;

import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.engines.Option.Words;
import dev.jrunc.conformance.harness.Command.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What only Podman does. */
final class PodmanChecks {
  private static final int SHIFT = 100000;

  private PodmanChecks() {}

  static List<Check<? super Podman>> all() {
    List<Check<? super Podman>> all = new ArrayList<>(SharedChecks.all());
    all.addAll(ConfinementChecks.all());
    all.addAll(EverydayChecks.all());
    all.addAll(SettingChecks.all());
    all.addAll(own());
    return all;
  }

  private static List<Check<Podman>> own() {
    return List.of(
        new Check<>("the runtime is the one of containers.conf", PodmanChecks::runtime),
        new Check<>("a user namespace with mapped ids", PodmanChecks::userNamespace),
        new Check<>("health is asked for by exec", PodmanChecks::health),
        new Check<>("a pod shares its network", PodmanChecks::pod),
        new Check<>("a folder as root file system", PodmanChecks::rootfs),
        new Check<>("descriptors are handed on", PodmanChecks::descriptors),
        new Check<>("a program is ended after its time", PodmanChecks::timeout),
        new Check<>("a checkpoint is refused in words", PodmanChecks::checkpoint));
  }

  private static void runtime(Place<Podman> place) {
    String said =
        place.engine().client("info", "--format", "{{.Host.OCIRuntime.Path}}").run().ok().out();
    contains(said, place.engine().runtimeState().getFileName().toString());
  }

  private static void userNamespace(Place<Podman> place) throws Exception {
    String range = "0:" + SHIFT + ":5000";
    String id = place.waiting(Words.of("--uidmap", range, "--gidmap", range));
    equal("root\n", place.engine().exec(id, List.of(), "id", "-un").run().ok().out(), "inside");
    String uids = Processes.status(place.engine().pid(id), "Uid");
    that(uids.startsWith(SHIFT + "\t"), "outside it is " + uids);
  }

  private static void health(Place<Podman> place) {
    String id =
        place.waiting(
            Words.of("--health-cmd", "test -e /tmp/well", "--health-interval", "disable"));
    place.engine().client("healthcheck", "run", id).run().code(1);
    place.engine().exec(id, List.of(), "touch", "/tmp/well").run().ok();
    place.engine().client("healthcheck", "run", id).run().ok();
  }

  private static void pod(Place<Podman> place) throws Exception {
    String pod = "pod-" + Processes.self();
    place.engine().client("pod", "create", "--name", pod, "--network=none").run().ok();
    try {
      List<String> namespaces = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        String id = place.container();
        place
            .engine()
            .client("run", "-d", "--pod", pod, "--name", id, TestImage.NAME, "sleep", "1000")
            .run()
            .ok();
        namespaces.add(Processes.namespace(place.engine().pid(id), "net"));
      }
      equal(namespaces.getFirst(), namespaces.getLast(), "the network namespace");
    } finally {
      place.engine().client("pod", "rm", "--force", "--time", "0", pod).run().ok();
    }
  }

  private static void rootfs(Place<Podman> place) throws Exception {
    Path bin = Files.createDirectories(place.folder().resolve("root/bin"));
    Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
    Outcome outcome =
        place
            .engine()
            .client(
                "run",
                "--rm",
                "--network=none",
                "--rootfs",
                place.folder().resolve("root").toString(),
                "/bin/busybox",
                "echo",
                "plain")
            .run()
            .ok();
    equal("plain\n", outcome.out(), "the output");
  }

  private static void descriptors(Place<Podman> place) throws Exception {
    String id = place.waiting();
    Path file = Files.writeString(place.folder().resolve("file"), "handed on\n");
    Outcome outcome =
        place
            .engine()
            .exec(id, List.of(Words.of("--preserve-fds=1")), "sh", "-c", "cat <&3")
            .behind("sh", "-c", "exec \"$@\" 3<\"$0\"", file.toString())
            .run()
            .ok();
    equal("handed on\n", outcome.out(), "what descriptor 3 has");
  }

  private static void timeout(Place<Podman> place) {
    long begin = System.nanoTime();
    Outcome outcome = place.run(List.of(Words.of("--timeout", "1")), "sleep", "1000").run();
    that(outcome.code() != 0, "ended well");
    that(System.nanoTime() - begin < 30_000_000_000L, "it took too long");
  }

  private static void checkpoint(Place<Podman> place) {
    String id = place.waiting();
    Outcome outcome = place.engine().client("container", "checkpoint", id).run();
    that(outcome.code() != 0, "ended well");
    equal("running", place.engine().status(id), "the status");
  }
}
