package dev.jrunc.runtime.process;

import dev.jrunc.kernel.CloneFlags;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.teavm.NativeProcess;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.plan.NamespacePlan;
import dev.jrunc.runtime.trace.Narration;
import dev.jrunc.runtime.trace.Phase;
import dev.jrunc.runtime.trace.Track;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes the container's first process. Where nothing but new namespaces is asked for, one clone3(2)
 * does it; else a stage joins what is to be joined, makes the process as our child and ends.
 */
public final class Spawner {
  private static final int HANGUP = 1;
  private static final int INTERRUPT = 2;
  private static final int TERMINATE = 15;

  private final Linux linux;

  public Spawner(Linux linux) {
    this.linux = linux;
  }

  /** What goes on in the container's process; it never comes back. */
  public interface Body {
    void run(Channel channel);
  }

  /** What is done with a process that was made and waits for it, before it does anything. */
  public interface Admission {
    void admit(int pid);
  }

  /** A process that was made: its pid as we see it, a handle on it, and the line to it. */
  public record Spawned(int pid, Descriptor pidfd, Channel channel) {}

  /**
   * Makes the process in which {@code body} runs.
   *
   * @param cgroup a cgroup v2 directory to begin in, or null
   * @param admission what the first process that is made waits for, null for nothing
   */
  public Spawned spawn(
      NamespacePlan plan,
      Joining joining,
      @Nullable Descriptor cgroup,
      @Nullable Admission admission,
      Body body) {
    Phase.begin(plan.needsStage() ? "make stage" : "make process", "/linux/namespaces");
    Channel[] ends = Channel.pair(linux);
    boolean staged = plan.needsStage();
    ProcessCalls.Clone first = clone(staged ? 0 : plan.newFlags(), cgroup, ends);
    if (first.inChild()) {
      try {
        ends[0].close();
        inChild(plan, joining, admission != null, ends[1], body);
      } finally {
        // Never back up from here, whatever happens: there a container is undone, and that is for
        // the creating process alone to do.
        linux.processes().exit(1);
      }
    }
    ends[1].close();
    Descriptor pidfd = java.util.Objects.requireNonNull(first.pidfd());
    try {
      if (admission != null) {
        admission.admit(first.pid());
        ends[0].send(new Message.Go());
      }
      if (staged) {
        return followStage(plan, first.pid(), pidfd, ends[0]);
      }
      if (plan.makes(CloneFlags.NEWUSER)) {
        mapIds(plan, first.pid());
        ends[0].send(new Message.Go());
      }
      return new Spawned(first.pid(), pidfd, ends[0]);
    } catch (RuntimeException e) {
      linux.processes().signalRaw(pidfd, ProcessCalls.SIGKILL);
      linux.processes().waitFor(first.pid(), 0);
      pidfd.close();
      ends[0].close();
      throw e;
    }
  }

  private ProcessCalls.Clone clone(long flags, @Nullable Descriptor cgroup, Channel[] ends) {
    try {
      return linux.processes().clone(flags, cgroup);
    } catch (SyscallFailed e) {
      ends[0].close();
      ends[1].close();
      if (cgroup != null && isOfGroup(e.errno())) {
        boolean full = e.errno() == Errno.EAGAIN;
        throw Failure.of(
                Failure.Code.SYSTEM, "error adding pid to cgroups: " + Errno.message(e.errno()))
            .phase("make process")
            .pointer(full ? "/linux/resources/pids/limit" : "/linux/cgroupsPath")
            .errno(e.errno())
            .hint(groupHint(e.errno()))
            .because(e);
      }
      throw Failure.of(
              Failure.Code.SYSTEM,
              (flags == 0
                      ? "unable to make the process: "
                      : "unable to make the namespaces of the container: ")
                  + Errno.message(e.errno()))
          .phase("make process")
          .pointer("/linux/namespaces")
          .errno(e.errno())
          .hint(hint(e.errno(), (flags & CloneFlags.NEWUSER) != 0))
          .because(e);
    }
  }

  // What clone3(2) gives for CLONE_INTO_CGROUP and for nothing that is asked for beside it; EAGAIN
  // also where the caller has too many processes.
  private static boolean isOfGroup(int errno) {
    return switch (errno) {
      case Errno.EAGAIN, Errno.EACCES, Errno.EBUSY, Errno.ENOENT, Errno.ENODEV, Errno.EOPNOTSUPP ->
          true;
      default -> false;
    };
  }

  private static String groupHint(int errno) {
    return switch (errno) {
      case Errno.EAGAIN -> "pids.max of the group is reached, or RLIMIT_NPROC of the caller";
      case Errno.EBUSY -> "controllers are on for groups below it (cgroup.subtree_control)";
      case Errno.ENODEV, Errno.ENOENT -> "the group was removed, or lies outside what is seen here";
      case Errno.EOPNOTSUPP -> "the group is threaded, or one above it is (cgroup.type)";
      default -> "cgroup.procs of the group, and of one above both, must be writable";
    };
  }

  private static String hint(int errno, boolean userNamespace) {
    if (errno == Errno.ENOSPC) {
      return "a limit in /proc/sys/user is reached, such as max_user_namespaces: raise it";
    }
    if (errno != Errno.EPERM) {
      return "";
    }
    return userNamespace
        ? "this host lets no ordinary user make user namespaces: see the sysctls"
            + " kernel.unprivileged_userns_clone and kernel.apparmor_restrict_unprivileged_userns"
        : "run as root, or give the container a user namespace: jrunc spec --rootless shows how";
  }

  private void inChild(
      NamespacePlan plan, Joining joining, boolean awaited, Channel channel, Body body) {
    boolean staged = plan.needsStage();
    try {
      Interruption.forget();
      Phase.goOn(staged ? Track.STAGE : Track.CONTAINER);
      tellSetup();
      // Some were blocked for the creating process's own waiting, and its caller may ignore some.
      linux.processes().resetSignals();
      // A container that waits for start is to end as its program would have.
      NativeProcess.endOn(HANGUP);
      NativeProcess.endOn(INTERRUPT);
      NativeProcess.endOn(TERMINATE);
      // The files of one that is not dumpable are root's: a user without root could write no map.
      boolean mapped = !staged && plan.makes(CloneFlags.NEWUSER);
      if (!mapped) {
        notDumpable();
      }
      if (awaited) {
        channel.awaitGo();
      }
      if (staged) {
        new Stage(linux, plan, joining, channel).run();
        // From here on this is the process that the stage made.
        Phase.goOn(Track.CONTAINER);
        notDumpable();
      } else if (mapped) {
        channel.awaitGo();
        notDumpable();
      }
      body.run(channel);
    } catch (Failure e) {
      channel.sendFailure(Phase.locate(e));
    } catch (SyscallFailed e) {
      channel.sendFailure(
          Phase.locate(Failure.system("error during container init: " + e.subject(), e)));
    } catch (RuntimeException e) {
      channel.sendFailure(
          Phase.locate(
              Failure.of(Failure.Code.INTERNAL, "error during container init: " + e).build()));
    }
  }

  // runc's words, which its users know to look for in a debug log.
  private void tellSetup() {
    if (Narration.detailed()) {
      Narration.tell("nsexec container setup");
      Narration.tell(
          "nsexec[" + linux.processes().pid() + "]: affinity: " + Affinity.describe(linux));
    }
  }

  // CVE-2016-9962: while this process holds descriptors of the host, nobody inside may open its
  // files in /proc or trace it. execve(2) makes it dumpable again.
  private void notDumpable() {
    int setDumpable = 4;
    linux.processes().controlRaw(setDumpable, 0, 0, 0, 0);
  }

  private Spawned followStage(NamespacePlan plan, int stagePid, Descriptor stage, Channel channel) {
    // The process that the stage makes speaks on the same line and may be faster than the stage.
    List<Channel.Received> early = new ArrayList<>();
    while (true) {
      Channel.Received received = channel.receive();
      switch (received.message()) {
        case Message.MapIds m -> {
          mapIds(plan, stagePid);
          channel.send(new Message.Go());
        }
        case Message.SetClocks m -> {
          Phase.begin("set clock", "/linux/timeOffsets");
          Clocks.set(linux, stagePid, plan.timeOffsets());
          channel.send(new Message.Go());
        }
        case Message.Started started -> {
          linux.processes().waitFor(stagePid, 0);
          stage.close();
          Descriptor pidfd = linux.processes().openPid(started.pid());
          channel.putBack(early);
          return new Spawned(started.pid(), pidfd, channel);
        }
        case Message.Failed failed -> throw failed.failure();
        case Message.MountsHere m -> early.add(received);
        case Message.SourcePlease m -> early.add(received);
        case Message.Console m -> early.add(received);
        case Message.HooksPlease m -> early.add(received);
        case Message.Network m -> early.add(received);
        case Message.NetworkPlease m -> early.add(received);
        case Message.Ready m -> early.add(received);
        default ->
            throw Failure.of(
                    Failure.Code.SYSTEM, "the stage that joins namespaces ended without a word")
                .phase("join namespaces")
                .build();
      }
    }
  }

  private void mapIds(NamespacePlan plan, int pid) {
    Phase.begin("write id maps", "/linux/uidMappings");
    new IdMapWriter(linux).write(pid, plan.uidMappings(), plan.gidMappings(), "/linux");
  }
}
