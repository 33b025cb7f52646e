package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.cgroup.CgroupEntry;
import dev.jrunc.runtime.cgroup.CgroupHost;
import dev.jrunc.runtime.cgroup.CgroupPaths;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.network.ContainerNetwork;
import dev.jrunc.runtime.plan.Plan;
import dev.jrunc.runtime.plan.PlanOptions;
import dev.jrunc.runtime.plan.Planner;
import dev.jrunc.runtime.process.ContainerSources;
import dev.jrunc.runtime.process.HostNamespaces;
import dev.jrunc.runtime.process.Interruption;
import dev.jrunc.runtime.process.JoinedNamespaces;
import dev.jrunc.runtime.process.Joining;
import dev.jrunc.runtime.process.MountSources;
import dev.jrunc.runtime.process.SecurityLabels;
import dev.jrunc.runtime.process.Spawner;
import dev.jrunc.runtime.process.Standing;
import dev.jrunc.runtime.process.StartGate;
import dev.jrunc.runtime.process.StepPerformer;
import dev.jrunc.runtime.rdt.RdtGroup;
import dev.jrunc.runtime.rootfs.CgroupView;
import dev.jrunc.runtime.rootfs.RootfsBuilder;
import dev.jrunc.runtime.seccomp.SeccompProgram;
import dev.jrunc.runtime.state.Clock;
import dev.jrunc.runtime.state.ContainerState;
import dev.jrunc.runtime.state.ContainerStore;
import dev.jrunc.runtime.state.ProcessIdentity;
import dev.jrunc.runtime.terminal.Console;
import dev.jrunc.runtime.trace.Phase;
import dev.jrunc.spec.ContainerStatus;
import dev.jrunc.spec.Process;
import dev.jrunc.spec.Root;
import dev.jrunc.spec.Spec;
import dev.jrunc.spec.SpecWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes a container: {@code create} up to the gate that {@code start} opens, {@code run} up to its
 * program. In this order: read and plan, reserve the name, make and limit the cgroups, make the
 * process, serve what it asks for. Whatever fails, everything made before is unmade, the last
 * first.
 */
final class Creation {
  private final Linux linux;
  private final ContainerStore store;
  private final CreateRequest request;
  private final @Nullable NotifySocket notify;

  Creation(Linux linux, ContainerStore store, CreateRequest request) {
    this.linux = linux;
    this.store = store;
    this.request = request;
    this.notify = NotifySocket.of(linux, request.notifyHost());
  }

  /** What listens for the program's readiness; null if nobody wants to know. */
  @Nullable NotifySocket notifySocket() {
    return notify;
  }

  /** Makes the container and leaves its process at the gate, or running where there is none. */
  Created create() {
    Phase.begin("read config");
    Bundle bundle = Bundle.read(linux, request.bundle());
    checkTerminal(bundle.spec());
    SecurityLabels.require(linux, bundle.spec().process());
    ConfigWarnings.tell(bundle.spec());
    int listening = request.activation().count();
    Descriptors.require(linux, 3 + listening, request.plan().preservedDescriptors() - listening);
    Spec spec = request.activation().into(bundle.spec());
    if (notify != null) {
      spec = notify.into(spec, store, request.id());
    }
    NetworkSetup network = new NetworkSetup(linux, store, request);
    spec = network.into(spec);
    Plan plan = Planner.plan(spec, request.plan());
    Unwinding unwinding = new Unwinding();
    // From here on there is something to unmake.
    Interruption.watch(linux);
    try {
      return create(bundle, spec, plan, network.of(spec, plan), unwinding);
    } catch (Failure e) {
      throw unmade(Phase.locate(e), unwinding);
    } catch (SyscallFailed e) {
      Failure failure = Failure.system(e.call().manualName() + " " + e.subject(), e);
      throw unmade(Phase.locate(failure), unwinding);
    } catch (RuntimeException e) {
      // A fault of ours is to leave nothing either.
      Interruption.forget();
      unwinding.unwind();
      throw e;
    }
  }

  // Whole, whatever comes: a signal that has ended the container's process too, such as that of a
  // terminal to all in front of it, is the reason and not what it led to.
  private Failure unmade(Failure failure, Unwinding unwinding) {
    Failure reason = failure;
    try {
      Interruption.check(linux);
    } catch (Failure interrupted) {
      reason = Phase.locate(interrupted);
    }
    Interruption.forget();
    unwinding.unwind();
    return reason;
  }

  private Created create(
      Bundle bundle,
      Spec spec,
      Plan plan,
      @Nullable ContainerNetwork network,
      Unwinding unwinding) {
    Phase.begin("reserve id");
    try (Descriptor folder = store.reserve(request.id())) {
      unwinding.add(() -> store.remove(request.id()));
      // What hooks have set up is taken down by hooks, and as with delete after all else is gone.
      Unwinding hooksBegin = new Unwinding();
      unwinding.add(hooksBegin::unwind);
      Phase.begin("keep config");
      store.keepConfig(folder, bundle.config());
      if (notify != null) {
        notify.makeFolder(folder);
        if (request.plan().gate() == PlanOptions.Gate.GO_ON) {
          notify.bind(folder);
        }
      }
      if (network != null) {
        // Before what it makes: the lease that it may fail on is then given back too.
        unwinding.add(() -> network.undo());
        network.prepare(folder);
      }
      if (plan.seccomp() != null) {
        Phase.begin("compile filter", "/linux/seccomp");
      }
      SeccompProgram filter = Filters.compile(linux, store, plan.seccomp());
      RdtShare share = RdtShare.make(linux, plan.intelRdt(), request.id().text(), unwinding);
      Phase.begin("make cgroups", "/linux/cgroupsPath");
      CgroupHost host = CgroupHost.detect(linux);
      Groups groups = Groups.plan(linux, host, request, plan, bundle.spec().annotations());
      CgroupPaths paths = groups.paths();
      boolean gated = request.plan().gate() == PlanOptions.Gate.WAIT;
      try (CgroupEntry entry = groups.prepare(unwinding);
          Descriptor gate = gated ? makeGate(folder) : null;
          Descriptor console = connectConsole();
          SeccompAgent agent = SeccompAgent.connect(linux, plan.seccomp());
          PidfdSocket pidfds = PidfdSocket.connect(linux, request.pidfdSocket());
          Joining joining = Joining.open(linux, plan.namespaces().joins());
          MountSources sources = MountSources.prepare(linux, plan, joining);
          Descriptor bound =
              new HostRootfs(linux, store, request.id()).bind(plan, folder, unwinding)) {
        Standing standing =
            new Standing(
                linux,
                joining,
                entry,
                filter,
                agent.handover(),
                gate,
                console,
                (kind, pid) -> hookState(bundle, kind, pid));
        Interruption.check(linux);
        List<CgroupView> views = CgroupViews.of(host, paths);
        HostNamespaces.refuse(linux, spec, joining);
        Spawner.Body body =
            channel ->
                new StepPerformer(
                        standing,
                        channel,
                        new RootfsBuilder(
                            linux, views, new ContainerSources(linux, sources, channel), bound),
                        Console.Place.DEV_CONSOLE)
                    .perform(plan.steps());
        Spawner.Spawned process =
            new Spawner(linux)
                .spawn(
                    plan.namespaces(), joining, entry.unified(), groups.admission(unwinding), body);
        unwinding.add(() -> kill(process));
        new JoinedNamespaces(linux, plan).requireMaps(process.pid());
        Serving serving = new Serving(linux, store, request, plan, process, agent, sources);
        if (network != null) {
          connect(network, process.pid(), serving, folder);
        }
        share.enter(process.pid());
        ContainerState state = describe(bundle, groups, share.group(), process.pid());
        hooksBegin.add(() -> new PoststopHooks(linux).run(bundle.spec().hooks().poststop(), state));
        Created created =
            serving.serve(folder, state, status -> state(state, status, process.pid()), unwinding);
        pidfds.sendInit(process.pidfd());
        return created;
      }
    }
  }

  private static void connect(
      ContainerNetwork network, int pid, Serving serving, Descriptor folder) {
    try (Descriptor handle = network.needsHandle() ? serving.network() : null) {
      network.connect(pid, handle, folder);
    }
  }

  private Descriptor makeGate(Descriptor folder) {
    Phase.begin("make gate");
    return StartGate.create(linux, folder);
  }

  // The same sentences as runc's: whoever drives both reads them.
  private void checkTerminal(Spec spec) {
    Process process = spec.process();
    boolean terminal = process != null && process.terminal();
    boolean detached = request.detached();
    if (detached && terminal && request.consoleSocket() == null) {
      throw usage("cannot allocate tty if runc will detach without setting console socket");
    }
    if ((!detached || !terminal) && request.consoleSocket() != null) {
      throw usage("cannot use console socket if runc will not detach or allocate tty");
    }
  }

  private static Failure usage(String message) {
    return Failure.of(Failure.Code.USAGE, message)
        .phase("console")
        .pointer("/process/terminal")
        .hint("--console-socket goes with \"terminal\": true and a detached container")
        .build();
  }

  private @Nullable Descriptor connectConsole() {
    if (request.consoleSocket() == null) {
      return null;
    }
    try {
      return Interruption.connect(linux, request.consoleSocket());
    } catch (SyscallFailed e) {
      throw Failure.system("cannot connect to console socket " + request.consoleSocket(), e);
    }
  }

  private void kill(Spawner.Spawned process) {
    linux.processes().signalRaw(process.pidfd(), ProcessCalls.SIGKILL);
    linux.processes().waitFor(process.pid(), 0);
    process.pidfd().close();
    process.channel().close();
  }

  private ContainerState describe(Bundle bundle, Groups groups, @Nullable RdtGroup rdt, int pid) {
    ProcessIdentity identity = ProcessIdentity.of(linux, pid);
    return new ContainerState(
        request.id().text(),
        identity == null ? new ProcessIdentity(pid, 0) : identity,
        Clock.now(),
        bundle.path(),
        rootfs(bundle),
        linux.credentials().uid() & 0xffffffffL,
        groups.paths().byController(),
        groups.unit(),
        request.plan().keyring() == PlanOptions.Keyring.NEW,
        rdt,
        bundle.spec().annotations(),
        bundle.spec().ociVersion());
  }

  private static String rootfs(Bundle bundle) {
    Root root = bundle.spec().root();
    String path = root == null ? "" : root.path();
    return path.startsWith("/") ? path : bundle.path() + "/" + path;
  }

  private byte[] state(ContainerState state, ContainerStatus status, int pid) {
    return SpecWriter.state(StateView.describe(state, status, pid), "");
  }

  // Hooks inside see their own pid namespace, and so does the pid they are told.
  private byte[] hookState(Bundle bundle, String kind, int pid) {
    ContainerState state =
        new ContainerState(
            request.id().text(),
            new ProcessIdentity(pid, 0),
            "",
            bundle.path(),
            "",
            0,
            java.util.Map.of(),
            "",
            true,
            null,
            bundle.spec().annotations(),
            bundle.spec().ociVersion());
    ContainerStatus status =
        kind.equals("startContainer") ? ContainerStatus.CREATED : ContainerStatus.CREATING;
    return state(state, status, pid);
  }
}
