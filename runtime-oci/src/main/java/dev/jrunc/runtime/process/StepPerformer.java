package dev.jrunc.runtime.process;

import static java.util.Objects.requireNonNull;

import dev.jrunc.kernel.CloneFlags;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.teavm.NativeProgram;
import dev.jrunc.runtime.capability.CapabilityApplier;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.hook.HookRunner;
import dev.jrunc.runtime.network.Loopback;
import dev.jrunc.runtime.network.NetworkNamespace;
import dev.jrunc.runtime.plan.ProcessStep;
import dev.jrunc.runtime.plan.RootfsStep;
import dev.jrunc.runtime.plan.Step;
import dev.jrunc.runtime.plan.StepName;
import dev.jrunc.runtime.rootfs.RootfsBuilder;
import dev.jrunc.runtime.seccomp.SeccompLoader;
import dev.jrunc.runtime.terminal.Console;
import dev.jrunc.runtime.trace.Narration;
import dev.jrunc.runtime.trace.Phase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Performs the steps of a plan in the container's process, one after the other, to the last. */
public final class StepPerformer {
  // runc's words, as those that Spawner tells.
  private static final String CLOSING = "init: closing the pipe to signal completion";

  // What a new one has, and to be searched by its user: KEY_POS_ALL | KEY_USR_VIEW | KEY_USR_READ |
  // KEY_USR_SEARCH | KEY_USR_LINK.
  private static final int KEYRING_RIGHTS = 0x3f1b0000;

  private final Standing standing;
  private final Linux linux;
  private final Channel channel;
  private final RootfsBuilder rootfs;
  private final SchedulingSteps scheduling;
  private final Console.Place consolePlace;
  private @Nullable CapabilityApplier capabilities;
  private @Nullable String program;
  private @Nullable List<String> environment;
  private boolean joined;
  private boolean gatePassed;
  private boolean filtered;

  public StepPerformer(
      Standing standing, Channel channel, RootfsBuilder rootfs, Console.Place consolePlace) {
    this.consolePlace = consolePlace;
    this.standing = standing;
    this.linux = standing.linux();
    this.channel = channel;
    this.rootfs = rootfs;
    this.scheduling = new SchedulingSteps(linux);
  }

  /** Does not come back: the last step replaces the program. */
  public void perform(List<Step> steps) {
    Narration.tell("child process in init()");
    // The caller's mask would take the rights of others off directories made in the rootfs.
    linux.processes().setFileModeMask(022);
    for (Step step : steps) {
      if (Phase.recorded()) {
        Phase.begin(StepName.of(step), step.pointer());
      }
      try {
        switch (step) {
          case RootfsStep s -> rootfs.perform(s);
          case ProcessStep s -> perform(s);
        }
      } catch (Failure e) {
        report(e.orAt(StepName.of(step), step.pointer()));
      } catch (SyscallFailed e) {
        report(describe(step, e));
      } catch (RuntimeException e) {
        // A fault of ours: whoever waits is to hear of it, be it create or start.
        report(
            Failure.of(Failure.Code.INTERNAL, "error during container init: " + e)
                .phase(StepName.of(step))
                .pointer(step.pointer())
                .build());
      }
    }
    throw new IllegalStateException("the plan ended without executing a program");
  }

  private void perform(ProcessStep step) {
    switch (step) {
      case ProcessStep.NewSession s -> linux.processes().newSession();
      case ProcessStep.BecomeRoot s -> becomeRoot();
      case ProcessStep.JoinNamespace s -> joinOnce();
      case ProcessStep.EnterRootfs s -> enterRootfs(s);
      case ProcessStep.EnterCgroups s -> enterCgroups();
      case ProcessStep.NewCgroupNamespace s -> linux.processes().unshare(CloneFlags.NEWCGROUP);
      case ProcessStep.EnterMemoryCgroup s -> enterMemoryCgroup();
      case ProcessStep.NewKeyring s -> newKeyring(s);
      case ProcessStep.JoinKeyring s -> joinKeyring(s.name(), s.label());
      case ProcessStep.LoopbackUp s -> Loopback.up(linux);
      case ProcessStep.HandOverNetwork s -> handOverNetwork();
      case ProcessStep.AwaitNetwork s -> ask(new Message.NetworkPlease());
      case ProcessStep.SetHostname s -> linux.processes().setHostName(s.name());
      case ProcessStep.SetDomainname s -> linux.processes().setDomainName(s.name());
      case ProcessStep.AwaitRuntimeHooks s -> ask(new Message.HooksPlease());
      case ProcessStep.RunHooks s -> runHooks(s);
      case ProcessStep.OpenConsole s -> openConsole(s);
      case ProcessStep.SetAppArmorProfile s -> new LabelWriter(linux).appArmor(s);
      case ProcessStep.SetSelinuxLabel s -> new LabelWriter(linux).selinux(s);
      case ProcessStep.SetNoNewPrivileges s -> setNoNewPrivileges();
      case ProcessStep.SetScheduler s -> scheduling.scheduler(s);
      case ProcessStep.SetIoPriority s -> scheduling.ioPriority(s);
      case ProcessStep.SetPersonality s -> scheduling.personality(s);
      case ProcessStep.SetMemoryPolicy s -> scheduling.memoryPolicy(s);
      case ProcessStep.SetFileModeMask s -> linux.processes().setFileModeMask(s.mask());
      case ProcessStep.ReportReady s -> ask(new Message.Ready());
      case ProcessStep.LoadFilter s -> {
        loadFilter();
        filtered = true;
      }
      case ProcessStep.CloseDescriptors s -> closeDescriptors(s.first());
      case ProcessStep.CompleteEnvironment s ->
          environment = new HomeDirectory(linux).complete(s.environment(), s.uid());
      case ProcessStep.ChangeUser s -> capabilities = new UserChange(linux).perform(s);
      case ProcessStep.DropFilterRight s -> requireNonNull(capabilities).dropFilterRight();
      case ProcessStep.FindProgram s -> findProgram(s);
      case ProcessStep.ReleaseMemory s -> NativeProgram.releaseFilePages();
      case ProcessStep.AwaitStart s -> awaitStart(s.memory());
      case ProcessStep.Execute s -> execute(s);
    }
  }

  private void handOverNetwork() {
    try (NetworkNamespace own = NetworkNamespace.own(linux)) {
      channel.send(new Message.Network(), own.file());
    }
  }

  private void becomeRoot() {
    Stage.becomeRoot(linux);
    // Where setgroups is denied the groups cannot be dropped, and then none can be used either.
    linux.credentials().setGroupsRaw(List.of());
  }

  // The namespaces that no stage joined: all at once, in the order that Joining knows.
  private void joinOnce() {
    if (!joined) {
      standing.joining().joinAll();
      joined = true;
    }
  }

  private void enterRootfs(ProcessStep.EnterRootfs step) {
    int flags = OpenFlags.PATH | OpenFlags.DIRECTORY;
    try (Descriptor root = linux.files().open(linux.currentDirectory(), step.path(), flags, 0)) {
      linux.processes().changeDirectory(root);
      linux.mounts().changeRoot(".");
    }
  }

  private void enterCgroups() {
    if (standing.cgroup() != null) {
      standing.cgroup().enterAllButMemory();
    }
    // Once it is in its cpuset, which is then all that binds it.
    Affinity.reset(linux);
  }

  private void enterMemoryCgroup() {
    if (standing.cgroup() != null) {
      standing.cgroup().enterMemory();
      standing.cgroup().close();
    }
  }

  // As runc: what `exec` starts finds the keyring by its name, which needs leave to search it.
  private void newKeyring(ProcessStep.NewKeyring step) {
    long keyring = joinKeyring(step.name(), step.label());
    if (keyring >= 0) {
      require(linux.processes().permitKeyringRaw(keyring, KEYRING_RIGHTS), step.name());
    }
  }

  // keyrings(7); a kernel without keys is no reason to fail.
  private long joinKeyring(String name, @Nullable String label) {
    if (label != null) {
      new LabelWriter(linux).selinuxOfKeys(label);
    }
    long keyring = linux.processes().joinSessionKeyringRaw(name);
    if (keyring != -Errno.ENOSYS) {
      require(keyring, name);
    }
    return keyring;
  }

  private static void require(long result, String keyring) {
    if (result < 0) {
      throw new SyscallFailed(dev.jrunc.kernel.SystemCall.KEYCTL, keyring, (int) -result);
    }
  }

  private void ask(Message request) {
    channel.send(request);
    channel.awaitGo();
  }

  private void runHooks(ProcessStep.RunHooks step) {
    HookRunner hooks;
    if (step.kind().equals("startContainer")) {
      // As the program itself: in its environment and under its filter, which comes last here.
      hooks =
          new HookRunner(linux, requireNonNull(environment), filtered ? null : standing.filter());
    } else {
      // Where runc has them begin: relative paths of theirs are those of the container.
      rootfs.changeDirectory();
      hooks = new HookRunner(linux);
    }
    hooks.run(step.kind(), step.hooks(), state(step));
  }

  // Closed and not only marked: while it waits for start, nothing of the host can be got at through
  // this process.
  private void closeDescriptors(int first) {
    List<Integer> kept = new ArrayList<>();
    kept.add(channel.descriptor().number());
    if (standing.gate() != null) {
      kept.add(standing.gate().number());
    }
    Descriptor log = Narration.descriptor();
    if (log != null) {
      kept.add(log.number());
    }
    Collections.sort(kept);
    int from = first;
    for (int number : kept) {
      if (number > from) {
        linux.streams().closeRange(from, number - 1);
      }
      from = Math.max(from, number + 1);
    }
    linux.streams().closeRange(from, Integer.MAX_VALUE);
  }

  private byte[] state(ProcessStep.RunHooks step) {
    return standing.hookState().document(step.kind(), linux.processes().pid());
  }

  private void openConsole(ProcessStep.OpenConsole step) {
    try (Descriptor master = Console.open(linux, step.size(), consolePlace)) {
      if (standing.consoleSocket() != null) {
        Console.send(linux, standing.consoleSocket(), master);
        standing.consoleSocket().close();
      } else {
        // Before the program can print: the caller's terminal makes its own line ends.
        linux.terminals().keepLineFeeds(master);
        channel.send(new Message.Console(), master);
      }
    }
  }

  private void setNoNewPrivileges() {
    int setNoNewPrivs = 38;
    linux.processes().controlRaw(setNoNewPrivs, 1, 0, 0, 0);
  }

  private void loadFilter() {
    if (standing.filter() == null) {
      return;
    }
    if (Narration.detailed()) {
      Narration.tell("seccomp filter flags: " + standing.filter().flags());
    }
    Descriptor listener = SeccompLoader.load(linux, standing.filter());
    if (listener != null) {
      switch (standing.handover()) {
        case TAKEN -> channel.write(new Message.Listener(listener.number()));
        case SENT -> send(listener);
      }
      channel.awaitGo();
      listener.close();
    }
  }

  private void send(Descriptor listener) {
    try {
      channel.send(new Message.ListenerHere(), listener);
    } catch (SyscallFailed e) {
      throw Failure.of(
              Failure.Code.SYSTEM,
              "cannot send the seccomp listener to who hands it to the agent: "
                  + Errno.message(e.errno()))
          .phase("seccomp agent")
          .pointer("/linux/seccomp/syscalls")
          .errno(e.errno())
          .hint("the profile must allow sendmsg, or the caller have CAP_SYS_PTRACE")
          .because(e);
    }
  }

  private void findProgram(ProcessStep.FindProgram step) {
    program = new ProgramLookup(linux).find(step.name(), requireNonNull(environment));
  }

  private void awaitStart(ProcessStep.Waiting memory) {
    Descriptor gate = requireNonNull(standing.gate());
    Narration.tell(CLOSING);
    channel.send(new Message.Waiting());
    channel.close();
    if (memory == ProcessStep.Waiting.RELEASED) {
      StartGate.awaitReleased(linux, gate);
    } else {
      StartGate.await(linux, gate);
    }
    gatePassed = true;
  }

  private void execute(ProcessStep.Execute step) {
    String path = requireNonNull(program);
    if (!gatePassed) {
      boolean executed = consolePlace == Console.Place.STREAMS;
      Narration.tell(executed ? "setns_init: about to exec" : CLOSING);
    }
    // Not execveat(2), which a profile may lack.
    long result = linux.processes().executeRaw(path, step.arguments(), requireNonNull(environment));
    int errno = (int) -result;
    String hint =
        errno == Errno.ENOENT
            ? "the file is there, but its interpreter or dynamic loader is not in the rootfs"
            : errno == Errno.ENOEXEC ? "not a program for this processor, or no #! line" : "";
    throw Failure.of(
            Failure.Code.PROGRAM_NOT_EXECUTABLE, "exec " + path + ": " + Errno.message(errno))
        .phase("execute")
        .pointer(step.pointer())
        .path(path)
        .errno(errno)
        .hint(hint)
        .build();
  }

  private void report(Failure failure) {
    if (gatePassed) {
      StartGate.fail(linux, requireNonNull(standing.gate()), failure);
    } else {
      channel.sendFailure(failure);
    }
    linux.processes().exit(1);
  }

  private static Failure describe(Step step, SyscallFailed cause) {
    String name = StepName.of(step);
    return Failure.of(
            Failure.Code.SYSTEM, "error during container init: " + name + ": " + cause.getMessage())
        .phase(name)
        .pointer(step.pointer())
        .path(cause.subject())
        .errno(cause.errno())
        .because(cause);
  }
}
