package dev.jrunc.runtime.process;

import dev.jrunc.kernel.CloneFlags;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.plan.NamespacePlan;
import dev.jrunc.runtime.trace.Phase;
import dev.jrunc.spec.NamespaceType;

/**
 * The short-lived process between ours and the container's. In this order: join, make the user
 * namespace and have it mapped, make the time namespace and set its clocks, make the container's
 * process in the rest. Each step needs what the one before gave it.
 */
final class Stage {
  private static final int SET_DUMPABLE = 4;

  private final Linux linux;
  private final NamespacePlan plan;
  private final Joining joining;
  private final Channel channel;

  Stage(Linux linux, NamespacePlan plan, Joining joining, Channel channel) {
    this.linux = linux;
    this.plan = plan;
    this.joining = joining;
    this.channel = channel;
  }

  /** Returns only in the process that was made; the stage itself ends here. */
  void run() {
    Phase.begin("join namespace", "/linux/namespaces");
    joining.joinAll();
    joining.close();
    long rest = plan.newFlags();
    if (plan.makes(CloneFlags.NEWUSER)) {
      Phase.begin("make user namespace", "/linux/namespaces");
      boolean root = linux.credentials().effectiveUid() == 0;
      linux.processes().unshare(CloneFlags.NEWUSER);
      // As in Spawner: a user without root can write the maps of a dumpable process only.
      if (!root) {
        linux.processes().controlRaw(SET_DUMPABLE, 1, 0, 0, 0);
      }
      Phase.begin("await id maps", "/linux/uidMappings");
      channel.send(new Message.MapIds());
      channel.awaitGo();
      if (!root) {
        linux.processes().controlRaw(SET_DUMPABLE, 0, 0, 0, 0);
      }
      Phase.begin("become root", "/linux/uidMappings");
      becomeRoot(linux);
      rest &= ~CloneFlags.NEWUSER;
    }
    if (plan.makes(CloneFlags.NEWTIME)) {
      Phase.begin("make time namespace", "/linux/namespaces");
      linux.processes().unshare(CloneFlags.NEWTIME);
      if (!plan.timeOffsets().isEmpty()) {
        // By who may: the files of this process in /proc are root's, whose rights it has given up.
        Phase.begin("set clock", "/linux/timeOffsets");
        channel.send(new Message.SetClocks());
        channel.awaitGo();
      }
      rest &= ~CloneFlags.NEWTIME;
    }
    Phase.begin("make process", "/linux/namespaces");
    ProcessCalls.Clone made = clone(rest | CloneFlags.PARENT);
    if (!made.inChild()) {
      channel.send(new Message.Started(made.pid()));
      linux.processes().exit(0);
    }
  }

  private ProcessCalls.Clone clone(long flags) {
    try {
      return linux.processes().clone(flags, null);
    } catch (SyscallFailed e) {
      // clone(2): ENOMEM is what a pid namespace gives whose first process has ended.
      boolean ended = e.errno() == Errno.ENOMEM && plan.joins(NamespaceType.PID);
      throw Failure.of(
              Failure.Code.SYSTEM, "unable to make the process: " + Errno.message(e.errno()))
          .phase("make process")
          .pointer("/linux/namespaces")
          .errno(e.errno())
          .hint(ended ? "the first process of the pid namespace that is joined has ended" : "")
          .because(e);
    }
  }

  /** Takes user and group 0 of the user namespace just entered; the host's id is not mapped. */
  static void becomeRoot(Linux linux) {
    long result = linux.credentials().setGidRaw(0);
    result = result < 0 ? result : linux.credentials().setUidRaw(0);
    if (result < 0) {
      throw Failure.of(
              Failure.Code.SYSTEM,
              "cannot become root of the user namespace: " + Errno.message((int) -result))
          .phase("user namespace")
          .pointer("/linux/uidMappings")
          .errno((int) -result)
          .hint("map container id 0 in uidMappings and gidMappings")
          .build();
    }
  }
}
