package dev.jrunc.runtime.explain;

import dev.jrunc.kernel.CloneFlags;
import dev.jrunc.runtime.plan.NamespacePlan;
import dev.jrunc.runtime.plan.Plan;
import dev.jrunc.runtime.plan.PlanOptions;
import dev.jrunc.runtime.plan.Planner;
import dev.jrunc.runtime.plan.ProcessStep;
import dev.jrunc.runtime.plan.RootfsStep;
import dev.jrunc.runtime.plan.Step;
import dev.jrunc.runtime.plan.StepName;
import dev.jrunc.runtime.systemd.UnitPlace;
import dev.jrunc.spec.Hook;
import dev.jrunc.spec.NamespaceType;
import dev.jrunc.spec.TimeOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What each process will do for one container, in its order.
 *
 * @param parts by process: {@code create}, {@code stage} where there is one, {@code container},
 *     {@code start}
 */
public record Explanation(List<Part> parts) {
  public Explanation {
    parts = List.copyOf(parts);
  }

  /** The acts of one process. */
  public record Part(String process, String text, List<Act> acts) {
    public Part {
      acts = List.copyOf(acts);
    }
  }

  /** Explains a plan for {@code create} and the {@code start} that follows. */
  public static Explanation of(Plan plan, PlanOptions options) {
    List<Part> parts = new ArrayList<>();
    parts.add(new Part("create", "this process", creation(plan, options)));
    if (plan.namespaces().needsStage()) {
      parts.add(new Part("stage", "a short-lived process between them", stage(plan.namespaces())));
    }
    List<Act> inside = new ArrayList<>();
    for (Step step : plan.steps()) {
      inside.add(
          new Act(StepName.of(step), step.pointer(), StepDetail.of(step), StepReason.of(step)));
    }
    parts.add(new Part("container", "the first process of the container", inside));
    parts.add(new Part("start", "jrunc start", start(plan)));
    return new Explanation(parts);
  }

  // In the order of Creation and Serving.
  private static List<Act> creation(Plan plan, PlanOptions options) {
    NamespacePlan namespaces = plan.namespaces();
    List<Act> acts = new ArrayList<>();
    acts.add(Act.of("read config", "", "all that is wrong is known before anything is made"));
    acts.add(Act.of("reserve id", "", "of two creates of one id only one can make the folder"));
    acts.add(Act.of("keep config", "", "later commands go by it, whatever becomes of the bundle"));
    NetworkWords.early(plan.network(), acts);
    if (plan.seccomp() != null) {
      acts.add(
          Act.of("compile filter", "/linux/seccomp", "a bad profile fails while there is nothing"));
    }
    if (plan.intelRdt() != null) {
      acts.add(
          Act.of("make rdt group", "/linux/intelRdt", "in force before there is a program in it"));
    }
    boolean bySystemd = options.driver() == PlanOptions.Driver.SYSTEMD;
    if (!bySystemd) {
      String path = plan.cgroupsPath() == null ? options.containerId() : plan.cgroupsPath();
      acts.add(
          Act.of(
              "make cgroups", "/linux/cgroupsPath", "path", path, "for the process to begin in"));
      acts.add(
          Act.of(
              "limit cgroups", "/linux/resources", "in force before there is a process in them"));
      handDown(plan, acts);
    }
    if (options.gate() == PlanOptions.Gate.WAIT) {
      acts.add(Act.of("make gate", "", "both its ends are held from the beginning"));
    }
    for (ProcessStep.JoinNamespace join : namespaces.joins()) {
      acts.add(
          Act.of(
              "open namespace",
              join.pointer(),
              "path",
              join.path(),
              "its path is one of the host, as seen by the caller"));
    }
    for (Step step : plan.steps()) {
      if (step instanceof RootfsStep.BindMount bind && bind.idMap() != null) {
        acts.add(
            Act.of(
                "map ids of mount",
                bind.pointer(),
                "a user namespace in which nobody lives is the form that the kernel takes maps in"));
      }
    }
    for (Step step : plan.steps()) {
      if (step instanceof RootfsStep.TakeRootfs take) {
        acts.add(
            Act.of(
                "bind rootfs",
                take.pointer(),
                "path",
                take.path(),
                "among the host's mounts: delete detaches it, with all that is mounted below"));
      }
    }
    acts.add(made(namespaces));
    if (bySystemd) {
      UnitPlace place = UnitPlace.of(plan.cgroupsPath(), options.containerId());
      Map<String, String> detail = new LinkedHashMap<>();
      detail.put("unit", place.unit());
      detail.put("slice", place.slice());
      acts.add(
          new Act(
              "make scope",
              "/linux/cgroupsPath",
              detail,
              "systemd makes none without a process, which waits until it is in"));
      acts.add(Act.of("limit cgroups", "/linux/resources", "in force before the process goes on"));
      handDown(plan, acts);
    }
    if (namespaces.makes(CloneFlags.NEWUSER)) {
      acts.add(
          new Act(
              "write id maps",
              "/linux/uidMappings",
              StepDetail.mappings(namespaces),
              "only from outside may ids be mapped that are not the writer's own"));
    }
    NetworkWords.late(plan.network(), acts);
    served(plan, acts);
    return acts;
  }

  private static void handDown(Plan plan, List<Act> acts) {
    if (plan.cgroupOwner() != null) {
      acts.add(
          Act.of(
              "hand cgroups down",
              "/process/user/uid",
              "uid",
              plan.cgroupOwner().toString(),
              "on version 2 alone: there its user may make groups below, and raise no limit"));
    }
  }

  private static Act made(NamespacePlan namespaces) {
    return namespaces.needsStage()
        ? Act.of("make stage", "/linux/namespaces", "a joined namespace is for children only")
        : Act.of(
            "make process",
            "/linux/namespaces",
            "new",
            names(namespaces.newFlags()),
            "one clone3(2) makes it inside all of its new namespaces");
  }

  // What the container's process asks for while it works.
  private static void served(Plan plan, List<Act> acts) {
    if (plan.oomScoreAdj() != null) {
      acts.add(
          Act.of(
              "set oom score",
              "/process/oomScoreAdj",
              "value",
              plan.oomScoreAdj().toString(),
              "to lower it takes a right over the host"));
    }
    hooks(
        acts, "prestart", plan.hooks().prestart(), "with the namespaces made, on the host's files");
    hooks(
        acts,
        "createRuntime",
        plan.hooks().createRuntime(),
        "with the namespaces made, on the host's files");
    for (Step step : plan.steps()) {
      if (step instanceof RootfsStep.BindMount bind && plan.namespaces().ownUsers()) {
        acts.add(
            Act.of(
                "open mount source",
                bind.pointer(),
                "path",
                bind.source(),
                "if the user namespace cannot, among the container's mounts: what restricts a"
                    + " mount of the host is locked there"));
      } else if (step instanceof ProcessStep.OpenConsole) {
        acts.add(Act.of("take terminal", step.pointer(), "its master end stays outside"));
      } else if (step instanceof ProcessStep.ReportReady ready) {
        if (!ready.limits().isEmpty()) {
          acts.add(
              new Act(
                  "set resource limits",
                  step.pointer(),
                  StepDetail.of(step),
                  "from outside, since to raise one takes a right the process may not have"));
        }
        acts.add(Act.of("save state", "", "whoever sees the program run can stop and delete it"));
      } else if (step instanceof ProcessStep.LoadFilter
          && plan.seccomp() != null
          && plan.seccomp().notifies()) {
        acts.add(
            Act.of(
                "hand over listener",
                "/linux/seccomp/listenerPath",
                "path",
                String.valueOf(plan.seccomp().listenerPath()),
                "by it the agent answers for the calls that the filter stops"));
      }
    }
  }

  private static void hooks(List<Act> acts, String kind, List<Hook> hooks, String reason) {
    for (int i = 0; i < hooks.size(); i++) {
      String pointer = "/hooks/" + kind + "/" + i;
      acts.add(Act.of("run " + kind + " hook", pointer, "path", hooks.get(i).path(), reason));
    }
  }

  // In the order of Stage.
  private static List<Act> stage(NamespacePlan namespaces) {
    List<Act> acts = new ArrayList<>();
    for (ProcessStep.JoinNamespace join : namespaces.joins()) {
      acts.add(
          new Act(StepName.of(join), join.pointer(), StepDetail.of(join), StepReason.of(join)));
    }
    long rest = namespaces.newFlags();
    if (namespaces.makes(CloneFlags.NEWUSER)) {
      rest &= ~CloneFlags.NEWUSER;
      acts.add(
          Act.of("make user namespace", "/linux/namespaces", "it must own those made after it"));
      acts.add(Act.of("await id maps", "/linux/uidMappings", "without them it is nobody inside"));
      acts.add(Act.of("become root", "/linux/uidMappings", "root inside may make the others"));
    }
    if (namespaces.makes(CloneFlags.NEWTIME)) {
      rest &= ~CloneFlags.NEWTIME;
      acts.add(
          Act.of("make time namespace", "/linux/namespaces", "for children only, by its rule"));
      for (Map.Entry<String, TimeOffset> offset : namespaces.timeOffsets().entrySet()) {
        acts.add(
            new Act(
                "set clock",
                "/linux/timeOffsets/" + offset.getKey(),
                Map.of("seconds", "" + offset.getValue().secs()),
                "only until the first process is in the namespace"));
      }
    }
    acts.add(
        Act.of(
            "make process",
            "/linux/namespaces",
            "new",
            names(rest),
            "as a child of the creating process, which must be able to wait for it"));
    return acts;
  }

  private static List<Act> start(Plan plan) {
    List<Act> acts = new ArrayList<>();
    acts.add(Act.of("open gate", "", "the process goes on, and its execve is what is waited for"));
    hooks(acts, "poststart", plan.hooks().poststart(), "once the program runs");
    return acts;
  }

  private static String names(long flags) {
    StringBuilder names = new StringBuilder();
    for (NamespaceType type : NamespaceType.values()) {
      if ((flags & Planner.flag(type)) != 0) {
        names.append(names.isEmpty() ? "" : " ").append(type.wireName());
      }
    }
    return names.toString();
  }
}
