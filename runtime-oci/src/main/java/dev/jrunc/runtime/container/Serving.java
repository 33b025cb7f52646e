package dev.jrunc.runtime.container;

import static java.util.Objects.requireNonNull;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.hook.HookRunner;
import dev.jrunc.runtime.plan.Plan;
import dev.jrunc.runtime.plan.PlanOptions;
import dev.jrunc.runtime.plan.ProcessStep;
import dev.jrunc.runtime.plan.Step;
import dev.jrunc.runtime.process.Channel;
import dev.jrunc.runtime.process.Interruption;
import dev.jrunc.runtime.process.Message;
import dev.jrunc.runtime.process.MountSources;
import dev.jrunc.runtime.process.OomScore;
import dev.jrunc.runtime.process.ProcessLimits;
import dev.jrunc.runtime.process.Spawner;
import dev.jrunc.runtime.state.ContainerState;
import dev.jrunc.runtime.state.ContainerStore;
import dev.jrunc.runtime.state.PidFile;
import dev.jrunc.runtime.trace.Phase;
import dev.jrunc.spec.ContainerStatus;
import org.jspecify.annotations.Nullable;

/**
 * The creating process's half of the handshake: while the container's process works on its mounts,
 * this answers what it asks for, until it waits at the gate or runs its program.
 */
final class Serving {
  private final Linux linux;
  private final ContainerStore store;
  private final CreateRequest request;
  private final Plan plan;
  private final Spawner.Spawned process;
  private final SeccompAgent agent;
  private final MountSources sources;
  private @Nullable Descriptor master;

  Serving(
      Linux linux,
      ContainerStore store,
      CreateRequest request,
      Plan plan,
      Spawner.Spawned process,
      SeccompAgent agent,
      MountSources sources) {
    this.linux = linux;
    this.store = store;
    this.request = request;
    this.plan = plan;
    this.process = process;
    this.agent = agent;
    this.sources = sources;
  }

  /** Writes the state document that names a status. */
  interface StateDocument {
    byte[] with(ContainerStatus status);
  }

  Created serve(
      Descriptor folder, ContainerState state, StateDocument document, Unwinding unwinding) {
    if (plan.oomScoreAdj() != null) {
      Phase.begin("set oom score", "/process/oomScoreAdj");
      OomScore.set(linux, process.pid(), plan.oomScoreAdj());
    }
    boolean ready = false;
    while (true) {
      Phase.begin(AWAIT);
      Channel.Received received = process.channel().receive();
      switch (received.message()) {
        case Message.HooksPlease m -> {
          Interruption.check(linux);
          HookRunner hooks = new HookRunner(linux);
          // The oldest kind is told "created", as crun does and the validation programs ask.
          hooks.run("prestart", plan.hooks().prestart(), document.with(ContainerStatus.CREATED));
          hooks.run(
              "createRuntime",
              plan.hooks().createRuntime(),
              document.with(ContainerStatus.CREATING));
          process.channel().send(new Message.Go());
        }
        // It was made before this began to listen.
        case Message.NetworkPlease m -> process.channel().send(new Message.Go());
        case Message.MountsHere m -> sources.standIn(requireNonNull(received.descriptor()));
        case Message.SourcePlease wanted -> {
          try (Descriptor root = requireNonNull(received.descriptor());
              Descriptor tree = sources.openAmongMounts(wanted.pointer(), root)) {
            process.channel().send(new Message.Source(), tree);
          }
        }
        case Message.Console m -> master = received.descriptor();
        case Message.Ready m -> {
          Interruption.check(linux);
          Phase.begin("set resource limits", "/process/rlimits");
          limit();
          Phase.begin("save state");
          // Saved before the program may run: whoever sees it run can find, stop and delete it.
          store.save(folder, state);
          String pidFile = request.pidFile();
          if (pidFile != null) {
            Phase.begin("write pid file");
            PidFile.write(linux, pidFile, process.pid());
            unwinding.add(() -> PidFile.remove(linux, pidFile));
          }
          process.channel().send(new Message.Go());
          ready = true;
        }
        case Message.Listener l -> handOver(agent.take(process, l.number()), state);
        case Message.ListenerHere l -> handOver(requireNonNull(received.descriptor()), state);
        case Message.Failed failed -> throw failed.failure().within(START_FAILED);
        case Message.Waiting m -> {
          Interruption.check(linux);
          return new Created(state, process, plan.hooks().poststart(), master);
        }
        case Message.Ended m -> {
          // The channel is close-on-exec: its end is the program's beginning, or the process's end.
          // One that is to wait for start has not said that it does, so it can only have died.
          if (ready && request.plan().gate() == PlanOptions.Gate.GO_ON) {
            return new Created(state, process, plan.hooks().poststart(), master);
          }
          throw died();
        }
        default -> throw new IllegalStateException("unexpected " + received.message());
      }
    }
  }

  private void handOver(Descriptor listener, ContainerState state) {
    Phase.begin("hand over listener", "/linux/seccomp/listenerPath");
    agent.handOver(
        process, listener, StateView.describe(state, ContainerStatus.CREATING, process.pid()));
  }

  /** The handle on the network namespace, which the process sends before anything else. */
  Descriptor network() {
    Phase.begin(AWAIT);
    Channel.Received received = process.channel().receive();
    Descriptor handle = received.descriptor();
    if (received.message() instanceof Message.Failed failed) {
      throw failed.failure().within(START_FAILED);
    }
    if (handle == null) {
      throw died();
    }
    return handle;
  }

  /** The phase of whoever waits for the container's process. */
  static final String AWAIT = "await container";

  static final String START_FAILED = "unable to start container process";

  private void limit() {
    for (Step step : plan.steps()) {
      if (step instanceof ProcessStep.ReportReady ready) {
        new ProcessLimits(linux).set(process.pid(), ready.limits());
      }
    }
  }

  private Failure died() {
    var status = linux.processes().waitFor(process.pid(), 0);
    int signal = status == null ? 0 : status.signal();
    String how = signal == 0 ? "ended without a word" : "was ended by signal " + signal;
    return Failure.of(
            Failure.Code.SYSTEM,
            START_FAILED + ": the container's first process " + how + " while it was set up")
        .phase("init")
        .errno(signal == 9 ? Errno.ENOMEM : 0)
        .hint(
            signal == 9
                ? "a memory limit below what setting up needs has this effect"
                : "run with --debug for more")
        .build();
  }
}
