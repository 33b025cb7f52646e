package dev.jrunc.runtime.plan;

import dev.jrunc.kernel.CloneFlags;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.network.NetworkPlanner;
import dev.jrunc.runtime.network.NetworkRequest;
import dev.jrunc.runtime.network.NetworkStep;
import dev.jrunc.spec.IdMapping;
import dev.jrunc.spec.Linux;
import dev.jrunc.spec.Mount;
import dev.jrunc.spec.Namespace;
import dev.jrunc.spec.NamespaceType;
import dev.jrunc.spec.Process;
import dev.jrunc.spec.Spec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes the {@link Plan} of a container from its valid config. Asks the host nothing and changes
 * nothing; the comment at each place says why the step stands there.
 */
public final class Planner {
  private static final int DEFAULT_FILE_MODE_MASK = 022;

  private final Spec spec;
  private final Linux linux;
  private final PlanOptions options;
  private final List<Step> steps = new ArrayList<>();
  private final List<NetworkStep> network;

  private Planner(Spec spec, PlanOptions options) {
    this.spec = spec;
    this.linux = spec.linux() == null ? Linux.EMPTY : spec.linux();
    this.options = options;
    boolean plain =
        options.network().mode() == NetworkRequest.Mode.AS_CONFIGURED
            && linux.netDevices().isEmpty();
    this.network = plain ? List.of() : NetworkPlanner.steps(options.network(), linux);
  }

  /** The plan for {@code create} and {@code run}. */
  public static Plan plan(Spec spec, PlanOptions options) {
    return new Planner(spec, options).plan();
  }

  /** All reasons for which {@link #plan} would refuse, where it stops at the first. */
  public static List<Failure> refusals(Spec spec, String bundle) {
    return new RootfsPlanner(spec, bundle, PlanOptions.Root.PIVOT).refusals();
  }

  private Plan plan() {
    NamespacePlan namespaces = namespaces();
    joining(namespaces);
    RootfsPlanner rootfs = new RootfsPlanner(spec, options.bundle(), options.root());
    steps.addAll(rootfs.beforeHooks());
    if (!network.isEmpty()) {
      // While the mounts were made the creating process worked on the network. From here on it may
      // be looked at: by hooks, by sysctls of its devices, by the program.
      steps.add(new ProcessStep.AwaitNetwork(network.get(network.size() - 1).pointer()));
    }
    hooks();
    steps.addAll(rootfs.enterRoot());
    insideRoot(rootfs);
    lastActs(namespaces);
    Process process = process();
    return new Plan(
        namespaces,
        steps,
        linux.cgroupsPath(),
        cgroupOwner(),
        linux.resources(),
        linux.intelRdt(),
        linux.seccomp(),
        process == null ? null : process.oomScoreAdj(),
        network,
        spec.hooks());
  }

  private @Nullable Process process() {
    return spec.process();
  }

  // config-linux, "Cgroup ownership": only where the container sees its own cgroups alone and may
  // write to them, and only for a user that the host has.
  private @Nullable Long cgroupOwner() {
    Process process = process();
    if (process == null || !makes(NamespaceType.CGROUP) || !mountsWritableCgroups()) {
      return null;
    }
    long uid = process.user().uid();
    if (!makes(NamespaceType.USER)) {
      return uid == 0 ? null : uid;
    }
    for (IdMapping mapping : linux.uidMappings()) {
      if (uid >= mapping.containerId() && uid < mapping.containerId() + mapping.size()) {
        return mapping.hostId() + uid - mapping.containerId();
      }
    }
    return null;
  }

  private boolean mountsWritableCgroups() {
    for (Mount mount : spec.mounts()) {
      if ("cgroup".equals(mount.type()) || "cgroup2".equals(mount.type())) {
        return !MountOptions.parse(mount.options()).flat().readOnly();
      }
    }
    return false;
  }

  private NamespacePlan namespaces() {
    long flags = 0;
    List<ProcessStep.JoinNamespace> joins = new ArrayList<>();
    for (int i = 0; i < linux.namespaces().size(); i++) {
      Namespace namespace = linux.namespaces().get(i);
      String path = namespace.path();
      if (path != null) {
        joins.add(new ProcessStep.JoinNamespace("/linux/namespaces/" + i, namespace.type(), path));
      } else if (namespace.type() != NamespaceType.CGROUP) {
        flags |= flag(namespace.type());
      }
    }
    return new NamespacePlan(
        flags, joins, linux.uidMappings(), linux.gidMappings(), linux.timeOffsets());
  }

  // Up to where the process stands in its namespaces and cgroups, still seeing the host's files.
  private void joining(NamespacePlan namespaces) {
    boolean stage = namespaces.needsStage();
    if (!stage) {
      steps.addAll(namespaces.joins());
    }
    if (namespaces.ownUsers()) {
      steps.add(new ProcessStep.BecomeRoot("/linux/uidMappings"));
    }
    if (needsHandle()) {
      // First of all: who waits for it gives the container its network meanwhile.
      steps.add(new ProcessStep.HandOverNetwork(""));
    }
    steps.add(new ProcessStep.NewSession(""));
    // Before the cgroup namespace: the cgroups entered become its roots. It is made here already,
    // since hooks and mounts are to see it, and again when the memory group is entered too.
    steps.add(new ProcessStep.EnterCgroups("/linux/cgroupsPath"));
    if (makes(NamespaceType.CGROUP)) {
      steps.add(new ProcessStep.NewCgroupNamespace("/linux/namespaces"));
    }
    if (options.keyring() == PlanOptions.Keyring.NEW) {
      // Before the user changes: the caller's keys must not be reachable from any process inside.
      steps.add(new ProcessStep.NewKeyring("", "_ses." + options.containerId(), selinuxLabel()));
    }
    if (namespaces.makes(CloneFlags.NEWNET)) {
      steps.add(new ProcessStep.LoopbackUp("/linux/namespaces"));
    }
  }

  private boolean needsHandle() {
    for (NetworkStep step : network) {
      if (step instanceof NetworkStep.StartUserNetwork) {
        return true;
      }
    }
    return false;
  }

  // Hooks see all mounts but the old root: paths of the host still mean what they say.
  private void hooks() {
    if (!spec.hooks().prestart().isEmpty() || !spec.hooks().createRuntime().isEmpty()) {
      steps.add(new ProcessStep.AwaitRuntimeHooks("/hooks"));
    }
    if (!spec.hooks().createContainer().isEmpty()) {
      steps.add(
          new ProcessStep.RunHooks(
              "/hooks/createContainer", "createContainer", spec.hooks().createContainer()));
    }
  }

  private void insideRoot(RootfsPlanner rootfs) {
    Process process = process();
    if (process != null && process.terminal()) {
      // After the pivot, so that the terminal is one of the container's own devpts.
      steps.add(new ProcessStep.OpenConsole("/process/terminal", process.consoleSize()));
    }
    // Needs CAP_SYS_ADMIN over the uts namespace, which the payload's user may not have.
    if (spec.hostname() != null && !spec.hostname().isEmpty()) {
      steps.add(new ProcessStep.SetHostname("/hostname", spec.hostname()));
    }
    if (spec.domainname() != null && !spec.domainname().isEmpty()) {
      steps.add(new ProcessStep.SetDomainname("/domainname", spec.domainname()));
    }
    String profile = process == null ? null : process.apparmorProfile();
    if (profile != null && !profile.isEmpty()) {
      // While there is a procfs to write to that nothing lies on; it counts from execve(2) on.
      steps.add(new ProcessStep.SetAppArmorProfile("/process/apparmorProfile", profile));
    }
    // Device nodes and the console are in place: what must be read-only becomes so, then what must
    // not be seen is hidden. Nothing of ours writes to /proc or /sys after this.
    steps.addAll(rootfs.finish());
  }

  private void lastActs(NamespacePlan namespaces) {
    Process process = process();
    if (process == null) {
      return;
    }
    if (process.noNewPrivileges()) {
      steps.add(new ProcessStep.SetNoNewPrivileges("/process/noNewPrivileges"));
    }
    scheduling(process);
    // As late as can be: what was used to set up is not charged to the container's limit.
    steps.add(new ProcessStep.EnterMemoryCgroup("/linux/cgroupsPath"));
    if (makes(NamespaceType.CGROUP)) {
      steps.add(new ProcessStep.NewCgroupNamespace("/linux/namespaces"));
    }
    steps.add(new ProcessStep.ReportReady("/process/rlimits", process.rlimits()));
    String label = selinuxLabel();
    if (label != null) {
      // After the last point that may fail for other reasons, and while nothing filters our calls.
      steps.add(new ProcessStep.SetSelinuxLabel("/process/selinuxLabel", label));
    }
    // Before the filter, which may forbid it; nothing below needs what is open now.
    steps.add(new ProcessStep.CloseDescriptors("", 3 + options.preservedDescriptors()));
    Integer mask = process.user().umask();
    steps.add(
        new ProcessStep.SetFileModeMask(
            "/process/user/umask", mask == null ? DEFAULT_FILE_MODE_MASK : mask));
    // While root, to whom alone /etc/passwd may be open.
    steps.add(
        new ProcessStep.CompleteEnvironment("/process/env", process.env(), process.user().uid()));
    boolean ownUsers = namespaces.ownUsers();
    steps.add(
        new ProcessStep.ChangeUser(
            "/process/user",
            process.user(),
            process.capabilities(),
            process.cwd(),
            ownUsers,
            privilegedFilter()));
    steps.add(new ProcessStep.FindProgram("/process/args/0", process.args().get(0)));
    boolean waits = options.gate() == PlanOptions.Gate.WAIT;
    boolean filtered = privilegedFilter() || notifies();
    if (waits && filtered) {
      // The filter need not allow it.
      steps.add(new ProcessStep.ReleaseMemory(""));
    }
    if (privilegedFilter()) {
      // Without no_new_privs the filter needs CAP_SYS_ADMIN, which the program's user has not got:
      // it is kept for this alone. So the filter need not allow what changing to the user takes,
      // and an old profile may lack the calls that we make.
      filter();
      steps.add(new ProcessStep.DropFilterRight("/process/capabilities"));
    } else if (notifies()) {
      // The agent gets its listener from create, which nobody can ask for anything after the gate.
      filter();
    }
    if (waits) {
      steps.add(
          new ProcessStep.AwaitStart(
              "", filtered ? ProcessStep.Waiting.AS_IT_IS : ProcessStep.Waiting.RELEASED));
    }
    if (!spec.hooks().startContainer().isEmpty()) {
      steps.add(
          new ProcessStep.RunHooks(
              "/hooks/startContainer", "startContainer", spec.hooks().startContainer()));
    }
    if (process.noNewPrivileges() && !notifies()) {
      // The very last, so that the filter needs to allow nothing of ours but execve(2).
      filter();
    }
    steps.add(new ProcessStep.Execute("/process/args", process.args()));
  }

  private void scheduling(Process process) {
    // All of these may need a capability that is about to go.
    if (process.scheduler() != null) {
      steps.add(
          new ProcessStep.SetScheduler("/process/scheduler", process.scheduler(), linux.cpus()));
    }
    if (process.ioPriority() != null) {
      steps.add(new ProcessStep.SetIoPriority("/process/ioPriority", process.ioPriority()));
    }
    if (linux.personality() != null) {
      steps.add(new ProcessStep.SetPersonality("/linux/personality", linux.personality()));
    }
    if (linux.memoryPolicy() != null) {
      steps.add(new ProcessStep.SetMemoryPolicy("/linux/memoryPolicy", linux.memoryPolicy()));
    }
  }

  private @Nullable String selinuxLabel() {
    Process process = process();
    String label = process == null ? null : process.selinuxLabel();
    return label == null || label.isEmpty() ? null : label;
  }

  private boolean privilegedFilter() {
    Process process = process();
    return linux.seccomp() != null && process != null && !process.noNewPrivileges();
  }

  private boolean notifies() {
    return linux.seccomp() != null && linux.seccomp().notifies();
  }

  private void filter() {
    if (linux.seccomp() != null) {
      steps.add(new ProcessStep.LoadFilter("/linux/seccomp"));
    }
  }

  private boolean makes(NamespaceType type) {
    for (Namespace namespace : linux.namespaces()) {
      if (namespace.type() == type && namespace.path() == null) {
        return true;
      }
    }
    return false;
  }

  /** The clone(2) flag of a namespace type. */
  public static long flag(NamespaceType type) {
    return switch (type) {
      case PID -> CloneFlags.NEWPID;
      case NETWORK -> CloneFlags.NEWNET;
      case MOUNT -> CloneFlags.NEWNS;
      case IPC -> CloneFlags.NEWIPC;
      case UTS -> CloneFlags.NEWUTS;
      case USER -> CloneFlags.NEWUSER;
      case CGROUP -> CloneFlags.NEWCGROUP;
      case TIME -> CloneFlags.NEWTIME;
    };
  }
}
