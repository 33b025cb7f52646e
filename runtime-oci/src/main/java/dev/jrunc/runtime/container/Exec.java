package dev.jrunc.runtime.container;

import static java.util.Objects.requireNonNull;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.capability.CapabilityPlan;
import dev.jrunc.runtime.cgroup.CgroupEntry;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.plan.NamespacePlan;
import dev.jrunc.runtime.plan.ProcessStep;
import dev.jrunc.runtime.plan.Step;
import dev.jrunc.runtime.process.Affinity;
import dev.jrunc.runtime.process.Channel;
import dev.jrunc.runtime.process.Interruption;
import dev.jrunc.runtime.process.Joining;
import dev.jrunc.runtime.process.ListenerHandover;
import dev.jrunc.runtime.process.Message;
import dev.jrunc.runtime.process.OomScore;
import dev.jrunc.runtime.process.ProcessLimits;
import dev.jrunc.runtime.process.SecurityLabels;
import dev.jrunc.runtime.process.Spawner;
import dev.jrunc.runtime.process.Standing;
import dev.jrunc.runtime.process.StepPerformer;
import dev.jrunc.runtime.rootfs.RootfsBuilder;
import dev.jrunc.runtime.seccomp.SeccompProgram;
import dev.jrunc.runtime.state.ContainerId;
import dev.jrunc.runtime.state.ContainerState;
import dev.jrunc.runtime.state.ContainerStore;
import dev.jrunc.runtime.state.PidFile;
import dev.jrunc.runtime.systemd.Systemd;
import dev.jrunc.runtime.systemd.SystemdDriver;
import dev.jrunc.runtime.terminal.Console;
import dev.jrunc.runtime.terminal.Foreground;
import dev.jrunc.runtime.trace.Phase;
import dev.jrunc.spec.ContainerStatus;
import dev.jrunc.spec.ExecCpuAffinity;
import dev.jrunc.spec.NamespaceType;
import dev.jrunc.spec.Process;
import dev.jrunc.spec.Spec;
import dev.jrunc.spec.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code exec}: runs one more program in a container. */
public final class Exec {
  private static final int LONGEST_WAIT_MILLIS = 2000;

  private final Linux linux;
  private final ContainerStore store;
  private final Systemd systemd;

  public Exec(Linux linux, ContainerStore store, Systemd systemd) {
    this.linux = linux;
    this.store = store;
    this.systemd = systemd;
  }

  /**
   * The container that a program is to be executed in.
   *
   * @param config as it was when the container was made, byte for byte
   * @param spec what it says
   */
  public record Target(ContainerState state, byte[] config, Spec spec) {}

  public Target find(ContainerId id) {
    ContainerState state = store.load(id);
    byte[] config = store.config(id);
    return new Target(state, config, Bundle.parse("config.json", config));
  }

  /**
   * The program that a bundle has now, from which one takes what it is not given. As in runc this
   * is the bundle's own config; only if that is gone, the one kept since the container was made.
   */
  public @Nullable Process bundlesProcess(Target target) {
    String bundle = target.state().bundle();
    try {
      byte[] config = Bundle.content(linux, bundle);
      // As a rule nobody has changed it, and to read it once more takes longer than to compare.
      return Arrays.equals(config, target.config())
          ? target.spec().process()
          : Bundle.parse(bundle + "/config.json", config).process();
    } catch (Failure e) {
      if (e.code() == Failure.Code.NOT_FOUND) {
        return target.spec().process();
      }
      throw e;
    }
  }

  /**
   * Runs the program, to its end unless it is detached.
   *
   * @param asked with a program that may leave to the container's what it does not say
   * @return the program's exit code, 0 if it is detached
   */
  public int exec(ExecRequest asked, Target target) {
    ExecRequest request = asked.of(ExecProcess.complete(asked.process(), target.spec().process()));
    Phase.begin("check status");
    try (Descriptor init = target.state().init().open(linux)) {
      if (init == null) {
        throw Run.wrongStatus("cannot exec in a stopped container");
      }
      check(request, target.state());
      if (request.detached()) {
        begun(request, target, init).close();
        return 0;
      }
      try (Foreground foreground = Foreground.begin(linux)) {
        try (Running running = begun(request, target, init)) {
          Phase.begin("run program");
          return await(foreground, running);
        }
      }
    }
  }

  private Running begun(ExecRequest request, Target target, Descriptor init) {
    Interruption.watch(linux);
    try {
      Running running = begin(request, target, init);
      Interruption.end(linux);
      return running;
    } catch (Failure e) {
      // It may have ended the program's process too, and be the reason of this failure.
      Interruption.check(linux);
      throw e;
    }
  }

  // The streams of the program may fail us, and then nobody would stay beside it.
  private int await(Foreground foreground, Running running) {
    try {
      return foreground.await(running.pid(), running.pidfd(), running.master());
    } catch (RuntimeException e) {
      end(running.pid(), running.pidfd());
      throw e;
    }
  }

  // A process that is frozen by the freezer of version 1 ends once it is thawed, and not before.
  private void end(int pid, Descriptor pidfd) {
    linux.processes().signalRaw(pidfd, ProcessCalls.SIGKILL);
    int[] readable = {ProcessCalls.POLL_IN};
    linux.processes().poll(List.of(pidfd), readable, LONGEST_WAIT_MILLIS);
    linux.processes().waitFor(pid, ProcessCalls.NO_HANG);
  }

  private void check(ExecRequest request, ContainerState state) {
    ContainerStatus status = new StateView(linux, store).statusAlive(state);
    if (status == ContainerStatus.PAUSED && !request.allowPaused()) {
      throw Run.wrongStatus("cannot exec in a paused container (use --ignore-paused to override)");
    }
    SecurityLabels.require(linux, request.process());
    CapabilityPlan.warn(request.process().capabilities());
    Descriptors.require(linux, 3, request.preservedDescriptors());
    boolean terminal = request.process().terminal();
    if (request.detached() && terminal && request.consoleSocket() == null) {
      throw Run.wrongStatus(
          "cannot allocate tty if runc will detach without setting console socket");
    }
    if ((!request.detached() || !terminal) && request.consoleSocket() != null) {
      throw Run.wrongStatus("cannot use console socket if runc will not detach or allocate tty");
    }
  }

  private record Running(int pid, Descriptor pidfd, @Nullable Descriptor master)
      implements AutoCloseable {
    @Override
    public void close() {
      pidfd.close();
      if (master != null) {
        master.close();
      }
    }
  }

  private Running begin(ExecRequest request, Target target, Descriptor init) {
    Phase.begin("find namespaces");
    ContainerState state = target.state();
    dev.jrunc.spec.Linux section = target.spec().linux();
    dev.jrunc.spec.Linux config = section == null ? dev.jrunc.spec.Linux.EMPTY : section;
    List<ProcessStep.JoinNamespace> joins =
        new Neighbours(linux).of(state.init(), init, config.namespaces());
    NamespacePlan namespaces = new NamespacePlan(0, joins, List.of(), List.of(), Map.of());
    boolean ownUsers = namespaces.joins(NamespaceType.USER);
    List<Step> steps = new ArrayList<>();
    if (!namespaces.needsStage()) {
      steps.addAll(joins);
    }
    steps.addAll(ExecPlan.steps(request, state, config, ownUsers));
    if (config.seccomp() != null) {
      Phase.begin("compile filter", "/linux/seccomp");
    }
    SeccompProgram filter = Filters.compile(linux, store, config.seccomp());
    ExecGroups groups = new ExecGroups(linux, state, request.subGroups());
    bindTo(request.process());
    try (Descriptor console = connectConsole(request);
        SeccompAgent agent = SeccompAgent.connect(linux, config.seccomp());
        PidfdSocket pidfds = PidfdSocket.connect(linux, request.pidfdSocket());
        CgroupEntry entry = groups.open();
        Joining joining = Joining.of(linux, init, joins)) {
      Spawner.Spawned process;
      ListenerHandover handover = agent.handover();
      try {
        process =
            spawn(request, namespaces, joining, entry, null, steps, filter, handover, console);
      } catch (Failure e) {
        if (groups.mustBeMoved(e)) {
          Spawner.Admission move = pid -> SystemdDriver.attach(systemd, state.unit(), pid);
          CgroupEntry none = CgroupEntry.none(linux);
          process =
              spawn(request, namespaces, joining, none, move, steps, filter, handover, console);
        } else if (groups.canFollowInit(e)) {
          try (CgroupEntry inits = groups.openInits(e)) {
            process =
                spawn(request, namespaces, joining, inits, null, steps, filter, handover, console);
          }
        } else {
          throw e;
        }
      }
      // A child of ours and not of the container's, it is not born there.
      RdtShare.of(linux, state).enter(process.pid());
      Running running = serve(request, process, state, agent);
      pidfds.sendExecuted(running.pidfd());
      return running;
    } catch (SyscallFailed e) {
      throw Failure.system(e.subject(), e);
    }
  }

  // Before the program is made, so that all of its life is spent there.
  private void bindTo(Process process) {
    ExecCpuAffinity affinity = process.execCpuAffinity();
    if (affinity != null && affinity.initial() != null && !affinity.initial().isEmpty()) {
      Affinity.set(linux, affinity.initial(), "initial");
    }
  }

  // In the program's process, once it is in its cpuset.
  private void bindAgain(Process process) {
    ExecCpuAffinity affinity = process.execCpuAffinity();
    String first = affinity == null ? null : affinity.initial();
    String last = affinity == null ? null : affinity.last();
    if (last != null && !last.isEmpty()) {
      Affinity.set(linux, last, "final");
    } else if (first == null || first.isEmpty()) {
      Affinity.reset(linux);
    }
  }

  private Spawner.Spawned spawn(
      ExecRequest request,
      NamespacePlan namespaces,
      Joining joining,
      CgroupEntry entry,
      Spawner.@Nullable Admission admission,
      List<Step> steps,
      @Nullable SeccompProgram filter,
      ListenerHandover handover,
      @Nullable Descriptor console) {
    Standing standing =
        new Standing(
            linux, joining, entry, filter, handover, null, console, (kind, pid) -> new byte[0]);
    Spawner.Body body =
        channel -> {
          // Inside, where no path leads to them any more: their files were opened before.
          Phase.begin("enter cgroups");
          entry.enterAllButMemory();
          bindAgain(request.process());
          new StepPerformer(
                  standing, channel, RootfsBuilder.forNothing(linux), Console.Place.STREAMS)
              .perform(steps);
        };
    return new Spawner(linux).spawn(namespaces, joining, entry.unified(), admission, body);
  }

  private Running serve(
      ExecRequest request, Spawner.Spawned process, ContainerState state, SeccompAgent agent) {
    Process program = request.process();
    Descriptor master = null;
    boolean ready = false;
    Unwinding unwinding = new Unwinding();
    try {
      if (program.oomScoreAdj() != null) {
        Phase.begin("set oom score", "/process/oomScoreAdj");
        OomScore.set(linux, process.pid(), program.oomScoreAdj());
      }
      while (true) {
        Phase.begin(Serving.AWAIT);
        Channel.Received received = process.channel().receive();
        switch (received.message()) {
          case Message.Console m -> master = received.descriptor();
          case Message.Ready m -> {
            Interruption.check(linux);
            Phase.begin("set resource limits", "/process/rlimits");
            new ProcessLimits(linux).set(process.pid(), program.rlimits());
            String pidFile = request.pidFile();
            if (pidFile != null) {
              Phase.begin("write pid file");
              PidFile.write(linux, pidFile, process.pid());
              unwinding.add(() -> PidFile.remove(linux, pidFile));
            }
            process.channel().send(new Message.Go());
            ready = true;
          }
          case Message.Listener l -> {
            beginHandover();
            agent.handOver(process, agent.take(process, l.number()), state(state));
          }
          case Message.ListenerHere l -> {
            beginHandover();
            agent.handOver(process, requireNonNull(received.descriptor()), state(state));
          }
          case Message.Failed failed -> throw failed.failure().within(Serving.START_FAILED);
          case Message.Ended m -> {
            if (!ready) {
              throw Failure.of(
                      Failure.Code.SYSTEM,
                      Serving.START_FAILED + ": it ended without a word while it was set up")
                  .phase("exec")
                  .build();
            }
            process.channel().close();
            return new Running(process.pid(), process.pidfd(), master);
          }
          default -> throw new IllegalStateException("unexpected " + received.message());
        }
      }
    } catch (RuntimeException e) {
      unwinding.unwind();
      end(process.pid(), process.pidfd());
      process.pidfd().close();
      process.channel().close();
      throw e;
    }
  }

  private static void beginHandover() {
    Phase.begin("hand over listener", "/linux/seccomp/listenerPath");
  }

  private static State state(ContainerState state) {
    return StateView.describe(state, ContainerStatus.RUNNING, state.init().pid());
  }

  private @Nullable Descriptor connectConsole(ExecRequest request) {
    return request.consoleSocket() == null
        ? null
        : Interruption.connect(linux, request.consoleSocket());
  }
}
