package dev.jrunc.runtime.container;

import dev.jrunc.runtime.plan.ProcessStep;
import dev.jrunc.runtime.plan.RootfsStep;
import dev.jrunc.runtime.plan.Step;
import dev.jrunc.runtime.state.ContainerState;
import dev.jrunc.spec.Linux;
import dev.jrunc.spec.Namespace;
import dev.jrunc.spec.NamespaceType;
import dev.jrunc.spec.Process;
import java.util.ArrayList;
import java.util.List;

/** The steps of a program executed in a container that is already there. */
final class ExecPlan {
  private ExecPlan() {}

  /**
   * @param linux the container's own, for what it gives every program in it
   * @param ownUsers whether the container has a user namespace of its own
   */
  static List<Step> steps(
      ExecRequest request, ContainerState state, Linux linux, boolean ownUsers) {
    Process process = request.process();
    List<Step> steps = new ArrayList<>();
    if (!hasMountNamespace(linux)) {
      steps.add(new ProcessStep.EnterRootfs(RootfsStep.PATH, state.rootfs()));
    }
    steps.add(new ProcessStep.NewSession(""));
    if (ownUsers) {
      steps.add(new ProcessStep.BecomeRoot("/process/user"));
    }
    String label = process.selinuxLabel() == null ? "" : process.selinuxLabel();
    if (state.keyrings()) {
      steps.add(
          new ProcessStep.JoinKeyring("", "_ses." + state.id(), label.isEmpty() ? null : label));
    }
    if (process.terminal()) {
      steps.add(new ProcessStep.OpenConsole("/process/terminal", process.consoleSize()));
    }
    String profile = process.apparmorProfile() == null ? "" : process.apparmorProfile();
    if (!profile.isEmpty()) {
      steps.add(new ProcessStep.SetAppArmorProfile("/process/apparmorProfile", profile));
    }
    if (process.noNewPrivileges()) {
      steps.add(new ProcessStep.SetNoNewPrivileges("/process/noNewPrivileges"));
    }
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
    steps.add(new ProcessStep.EnterMemoryCgroup(""));
    steps.add(new ProcessStep.ReportReady("/process/rlimits", process.rlimits()));
    if (!label.isEmpty()) {
      steps.add(new ProcessStep.SetSelinuxLabel("/process/selinuxLabel", label));
    }
    // Before the filter, which may forbid it; nothing below needs what is open now.
    steps.add(new ProcessStep.CloseDescriptors("", 3 + request.preservedDescriptors()));
    Integer mask = process.user().umask();
    steps.add(new ProcessStep.SetFileModeMask("/process/user/umask", mask == null ? 022 : mask));
    // While root, to whom alone /etc/passwd may be open.
    steps.add(
        new ProcessStep.CompleteEnvironment("/process/env", process.env(), process.user().uid()));
    // Without no_new_privs the filter needs CAP_SYS_ADMIN, which is kept for it alone.
    boolean privilegedFilter = linux.seccomp() != null && !process.noNewPrivileges();
    steps.add(
        new ProcessStep.ChangeUser(
            "/process/user",
            process.user(),
            process.capabilities(),
            process.cwd(),
            ownUsers,
            privilegedFilter));
    steps.add(new ProcessStep.FindProgram("/process/args/0", process.args().get(0)));
    if (linux.seccomp() != null) {
      steps.add(new ProcessStep.LoadFilter("/linux/seccomp"));
    }
    if (privilegedFilter) {
      steps.add(new ProcessStep.DropFilterRight("/process/capabilities"));
    }
    steps.add(new ProcessStep.Execute("/process/args", process.args()));
    return steps;
  }

  private static boolean hasMountNamespace(Linux linux) {
    for (Namespace namespace : linux.namespaces()) {
      if (namespace.type() == NamespaceType.MOUNT) {
        return true;
      }
    }
    return false;
  }
}
