package dev.jrunc.runtime.plan;

import dev.jrunc.spec.Capabilities;
import dev.jrunc.spec.ConsoleSize;
import dev.jrunc.spec.Hook;
import dev.jrunc.spec.IoPriority;
import dev.jrunc.spec.MemoryPolicy;
import dev.jrunc.spec.NamespaceType;
import dev.jrunc.spec.Personality;
import dev.jrunc.spec.Rlimit;
import dev.jrunc.spec.Scheduler;
import dev.jrunc.spec.User;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A step that shapes the process itself, or that waits for the process which made it. */
public sealed interface ProcessStep extends Step {

  /** Starts a session of its own, so that no terminal of the caller is controlling. */
  record NewSession(String pointer) implements ProcessStep {}

  /** Takes root's ids inside a new or joined user namespace and drops the caller's groups. */
  record BecomeRoot(String pointer) implements ProcessStep {}

  /** Joins an existing namespace; its file was opened before the process was made. */
  record JoinNamespace(String pointer, NamespaceType type, String path) implements ProcessStep {}

  /** Takes the rootfs of a container without a mount namespace as root, by chroot(2). */
  record EnterRootfs(String pointer, String path) implements ProcessStep {}

  /** Moves into the container's cgroups, all but memory's. */
  record EnterCgroups(String pointer) implements ProcessStep {}

  /** Makes the cgroups just entered the roots of what the container sees. */
  record NewCgroupNamespace(String pointer) implements ProcessStep {}

  /** Moves into the memory cgroup: late, so that setting up is charged as little as possible. */
  record EnterMemoryCgroup(String pointer) implements ProcessStep {}

  /** A session keyring of the container's own: the caller's keys must not be visible. */
  record NewKeyring(String pointer, String name, @Nullable String label) implements ProcessStep {}

  /** The container's session keyring for one more program. */
  record JoinKeyring(String pointer, String name, @Nullable String label) implements ProcessStep {}

  record LoopbackUp(String pointer) implements ProcessStep {}

  /**
   * Sends the creating process a handle on the network namespace: to others the files of a process
   * that is not dumpable are closed in /proc, even to the user whose it is.
   */
  record HandOverNetwork(String pointer) implements ProcessStep {}

  /** Waits until the creating process has made the container's network. */
  record AwaitNetwork(String pointer) implements ProcessStep {}

  record SetHostname(String pointer, String name) implements ProcessStep {}

  record SetDomainname(String pointer, String name) implements ProcessStep {}

  /** Lets the creating process run prestart and createRuntime hooks, and waits until it has. */
  record AwaitRuntimeHooks(String pointer) implements ProcessStep {}

  /** Runs hooks from within: createContainer before the pivot, startContainer after start. */
  record RunHooks(String pointer, String kind, List<Hook> hooks) implements ProcessStep {}

  /** Opens a pseudo-terminal of the container's devpts and makes it standard input and output. */
  record OpenConsole(String pointer, @Nullable ConsoleSize size) implements ProcessStep {}

  /** The profile of AppArmor that the program is confined by, see aa_change_onexec(2). */
  record SetAppArmorProfile(String pointer, String profile) implements ProcessStep {}

  /** The label of SELinux that the program runs with, see setexeccon(3). */
  record SetSelinuxLabel(String pointer, String label) implements ProcessStep {}

  record SetNoNewPrivileges(String pointer) implements ProcessStep {}

  /**
   * The scheduling policy, see sched_setattr(2).
   *
   * @param cpus the processors that the container is limited to, empty for all
   */
  record SetScheduler(String pointer, Scheduler scheduler, String cpus) implements ProcessStep {}

  record SetIoPriority(String pointer, IoPriority priority) implements ProcessStep {}

  record SetPersonality(String pointer, Personality personality) implements ProcessStep {}

  record SetMemoryPolicy(String pointer, MemoryPolicy policy) implements ProcessStep {}

  record SetFileModeMask(String pointer, int mask) implements ProcessStep {}

  /**
   * Tells the creating process that all is set up, and waits until it has set the limits and saved
   * the state: the last point where creation fails cleanly.
   */
  record ReportReady(String pointer, List<Rlimit> limits) implements ProcessStep {}

  /** Loads the seccomp filter that was compiled before the process was made. */
  record LoadFilter(String pointer) implements ProcessStep {}

  /** Closes what is open from {@code first} on but our own: none of the host's may be kept. */
  record CloseDescriptors(String pointer, int first) implements ProcessStep {}

  /**
   * Changes to the user, its groups, capabilities and working directory.
   *
   * @param filterFollows whether CAP_SYS_ADMIN is kept for a filter that is loaded after this
   */
  record ChangeUser(
      String pointer,
      User user,
      @Nullable Capabilities capabilities,
      String workingDirectory,
      boolean ownUserNamespace,
      boolean filterFollows)
      implements ProcessStep {}

  /** Gives up the CAP_SYS_ADMIN that was kept to load the filter. */
  record DropFilterRight(String pointer) implements ProcessStep {}

  /**
   * Completes the environment: of two settings of one name the last counts, and without HOME it is
   * the user's home by the container's /etc/passwd, which that user may not be able to read.
   */
  record CompleteEnvironment(String pointer, List<String> environment, long uid)
      implements ProcessStep {}

  /** Looks the program up as the user who will run it, so that {@code create} reports a miss. */
  record FindProgram(String pointer, String name) implements ProcessStep {}

  /** Gives back the memory that waiting does not need: what the executable's file holds anyway. */
  record ReleaseMemory(String pointer) implements ProcessStep {}

  /**
   * Waits until {@code start}.
   *
   * @param memory whether what {@link ReleaseMemory} gives back is given back just before
   */
  record AwaitStart(String pointer, Waiting memory) implements ProcessStep {}

  /** How a process waits. */
  enum Waiting {
    AS_IT_IS,
    RELEASED
  }

  /** Replaces this program by the container's. */
  record Execute(String pointer, List<String> arguments) implements ProcessStep {}
}
