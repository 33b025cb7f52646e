package dev.jrunc.runtime.nativetest;

import static dev.jrunc.runtime.nativetest.Main.check;
import static dev.jrunc.runtime.nativetest.Main.equal;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.nativetest.Main.Named;
import dev.jrunc.runtime.plan.NamespacePlan;
import dev.jrunc.runtime.plan.ProcessStep;
import dev.jrunc.runtime.plan.Step;
import dev.jrunc.runtime.process.Joining;
import dev.jrunc.runtime.process.ListenerHandover;
import dev.jrunc.runtime.process.Message;
import dev.jrunc.runtime.process.Spawner;
import dev.jrunc.runtime.process.Standing;
import dev.jrunc.runtime.process.StartGate;
import dev.jrunc.runtime.process.StepPerformer;
import dev.jrunc.runtime.rootfs.RootfsBuilder;
import dev.jrunc.runtime.terminal.Console;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The container's process where our own code fails in it. */
final class SpawnCases {
  private static final NamespacePlan NO_NAMESPACES =
      new NamespacePlan(0, List.of(), List.of(), List.of(), Map.of());

  private final Linux linux;

  private SpawnCases(Linux linux) {
    this.linux = linux;
  }

  static List<Named> all(Linux linux) {
    SpawnCases cases = new SpawnCases(linux);
    return List.of(
        new Named("a container's process that fails says so", cases::tells),
        new Named("one that cannot even say so ends too", cases::ends),
        new Named("a fault after the gate is what start is told", cases::afterGate));
  }

  private Spawner.Spawned spawn(Spawner.Body body) {
    int own = linux.processes().pid();
    Joining joining = Joining.open(linux, List.of());
    try {
      return new Spawner(linux).spawn(NO_NAMESPACES, joining, null, null, body);
    } catch (RuntimeException e) {
      if (linux.processes().pid() != own) {
        linux.processes().exit(99); // It came back in the child.
      }
      throw e;
    }
  }

  private int exitOf(Spawner.Spawned process) {
    process.channel().close();
    process.pidfd().close();
    return Objects.requireNonNull(linux.processes().waitFor(process.pid(), 0)).exitCode();
  }

  private void tells() {
    Spawner.Spawned process =
        spawn(channel -> {
          throw new IllegalStateException("a fault");
        });
    Message message = process.channel().receive().message();
    check(message instanceof Message.Failed, "it says " + message);
    equal(1, exitOf(process));
  }

  private void ends() {
    Spawner.Spawned process =
        spawn(channel -> {
          channel.close();
          throw new IllegalStateException("a fault");
        });
    equal(1, exitOf(process));
  }

  private void afterGate() {
    String path = "/tmp/jrunc-native-test-" + linux.processes().pid();
    int flags = OpenFlags.PATH | OpenFlags.DIRECTORY;
    linux.files().mkdir(linux.currentDirectory(), path, 0700);
    try (Descriptor folder = linux.files().open(linux.currentDirectory(), path, flags, 0)) {
      Spawner.Spawned process = spawnGated(folder);
      check(process.channel().receive().message() instanceof Message.Waiting, "it does not wait");
      Failure failure = StartGate.open(linux, folder);
      equal(1, exitOf(process));
      equal("/process/args/0", failure == null ? "no failure" : failure.pointer());
    } finally {
      linux.files().unlink(linux.currentDirectory(), path, FileCalls.REMOVE_DIRECTORY);
    }
  }

  private Spawner.Spawned spawnGated(Descriptor folder) {
    try (Descriptor gate = StartGate.create(linux, folder);
        Joining joining = Joining.open(linux, List.of())) {
      Standing standing =
          new Standing(
              linux,
              joining,
              null,
              null,
              ListenerHandover.TAKEN,
              gate,
              null,
              (kind, pid) -> new byte[0]);
      // A plan of ours that is wrong: the environment was never completed.
      List<Step> plan =
          List.of(
              new ProcessStep.AwaitStart("", ProcessStep.Waiting.AS_IT_IS),
              new ProcessStep.FindProgram("/process/args/0", "true"));
      return spawn(channel ->
          new StepPerformer(
                  standing, channel, RootfsBuilder.forNothing(linux), Console.Place.STREAMS)
              .perform(plan));
    }
  }
}
