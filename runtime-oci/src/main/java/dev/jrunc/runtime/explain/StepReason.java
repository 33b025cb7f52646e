package dev.jrunc.runtime.explain;

import dev.jrunc.runtime.plan.ProcessStep;
import dev.jrunc.runtime.plan.RootfsStep;
import dev.jrunc.runtime.plan.Step;

/** Why each kind of step is done, and where its place matters why there. */
final class StepReason {
  private StepReason() {}

  static String of(Step step) {
    return switch (step) {
      case RootfsStep s -> rootfs(s);
      case ProcessStep s -> process(s);
    };
  }

  private static String rootfs(RootfsStep step) {
    return switch (step) {
      case RootfsStep.IsolateMounts s -> "nothing mounted from here on shows on the host";
      case RootfsStep.BindRootfs s -> "pivot_root(2) takes only a mount";
      case RootfsStep.TakeRootfs s -> "bound by the creating process, which can put it back";
      case RootfsStep.MountFileSystem s -> "in the order of the config: one may lie in another";
      case RootfsStep.BindMount s -> "in the order of the config: one may lie in another";
      case RootfsStep.MountCgroup s -> "the container's own cgroups and nothing above them";
      case RootfsStep.MakeDevice s -> "after the mounts, since /dev is one of them";
      case RootfsStep.MakeLink s -> "names that programs expect in /dev";
      case RootfsStep.PivotRoot s -> "from here on no path leads out of the rootfs";
      case RootfsStep.MoveRoot s -> "an initramfs cannot be pivoted";
      case RootfsStep.ChangeRoot s -> "without a mount namespace the root is everybody's";
      case RootfsStep.PropagateRoot s -> "only now \"/\" is the container's";
      case RootfsStep.ReopenNullStreams s -> "owner and mode of the host's device are not its own";
      case RootfsStep.MakeDirectory s -> "while the root can still be written to";
      case RootfsStep.MakeReadonly s -> "after all that had to be written there";
      case RootfsStep.WriteSysctl s -> "before /proc/sys becomes read-only";
      case RootfsStep.ReadonlyPath s -> "parts of /proc and /sys are the whole host's";
      case RootfsStep.MaskPath s -> "after the read-only paths, to stay on top of them";
    };
  }

  private static String process(ProcessStep step) {
    return switch (step) {
      case ProcessStep.NewSession s -> "no terminal of the caller controls it";
      case ProcessStep.BecomeRoot s -> "what follows takes root's rights in the user namespace";
      case ProcessStep.JoinNamespace s -> "while the caller's rights over it are still there";
      case ProcessStep.EnterRootfs s -> "no namespace leads there";
      case ProcessStep.EnterCgroups s -> "before the cgroup namespace, whose roots they become";
      case ProcessStep.NewCgroupNamespace s -> "the container sees its cgroups as the roots";
      case ProcessStep.EnterMemoryCgroup s -> "late, so that setting up is charged but little";
      case ProcessStep.NewKeyring s -> "the caller's keys must not be reachable from inside";
      case ProcessStep.JoinKeyring s ->
          "the keys that the container's programs have are its own too";
      case ProcessStep.LoopbackUp s -> "a new network namespace has it down";
      case ProcessStep.HandOverNetwork s ->
          "a user without root can open this process's files from within alone";
      case ProcessStep.AwaitNetwork s -> "it was made while the mounts were";
      case ProcessStep.SetHostname s -> "while there are rights over the uts namespace";
      case ProcessStep.SetDomainname s -> "while there are rights over the uts namespace";
      case ProcessStep.AwaitRuntimeHooks s ->
          "they see the mounts, and paths of the host still hold";
      case ProcessStep.RunHooks s -> "at the point the specification gives them";
      case ProcessStep.OpenConsole s -> "a terminal of the container's own devpts";
      case ProcessStep.SetAppArmorProfile s ->
          "before anything lies over /proc; it counts from execve on";
      case ProcessStep.SetSelinuxLabel s -> "it counts from execve on";
      case ProcessStep.SetNoNewPrivileges s -> "then a filter can be loaded without rights";
      case ProcessStep.SetScheduler s -> "before the capability it may take is dropped";
      case ProcessStep.SetIoPriority s -> "before the capability it may take is dropped";
      case ProcessStep.SetPersonality s -> "execve keeps it";
      case ProcessStep.SetMemoryPolicy s -> "execve keeps it";
      case ProcessStep.SetFileModeMask s -> "the mask of the caller means nothing here";
      case ProcessStep.ReportReady s -> "the last point where creating fails and leaves nothing";
      case ProcessStep.LoadFilter s -> "as late as the rights to load it allow";
      case ProcessStep.CloseDescriptors s ->
          "no file of the host's may be kept, nor be there to be got at while it waits";
      case ProcessStep.ChangeUser s -> "after all that takes root";
      case ProcessStep.DropFilterRight s -> "it was kept for the filter alone";
      case ProcessStep.CompleteEnvironment s -> "while root, who alone may read /etc/passwd";
      case ProcessStep.FindProgram s -> "as its user, so that create reports a miss";
      case ProcessStep.ReleaseMemory s ->
          "a process that waits needs none of the runtime's code; it is read again from the file";
      case ProcessStep.AwaitStart s -> "create returns here; start lets it go on";
      case ProcessStep.Execute s -> "the program takes this process over";
    };
  }
}
