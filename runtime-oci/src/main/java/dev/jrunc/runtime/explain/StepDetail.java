package dev.jrunc.runtime.explain;

import dev.jrunc.runtime.plan.NamespacePlan;
import dev.jrunc.runtime.plan.ProcessStep;
import dev.jrunc.runtime.plan.RootfsStep;
import dev.jrunc.runtime.plan.Step;
import dev.jrunc.spec.Device;
import dev.jrunc.spec.Hook;
import dev.jrunc.spec.IdMapping;
import dev.jrunc.spec.Rlimit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a step is done with, by name. */
final class StepDetail {
  private final Map<String, String> values = new LinkedHashMap<>();

  private StepDetail() {}

  static Map<String, String> of(Step step) {
    StepDetail detail = new StepDetail();
    switch (step) {
      case RootfsStep s -> detail.rootfs(s);
      case ProcessStep s -> detail.process(s);
    }
    return detail.values;
  }

  private StepDetail put(String name, @Nullable Object value) {
    String text = value == null ? "" : value.toString();
    if (!text.isEmpty()) {
      values.put(name, text);
    }
    return this;
  }

  private void rootfs(RootfsStep step) {
    switch (step) {
      case RootfsStep.IsolateMounts s ->
          put("propagation", MountWords.propagation(s.propagation(), s.recursive()));
      case RootfsStep.BindRootfs s -> put("path", s.path());
      case RootfsStep.TakeRootfs s -> put("path", s.path());
      case RootfsStep.MountFileSystem s ->
          put("type", s.type())
              .put("source", s.source())
              .put("destination", s.destination())
              .put("options", MountWords.of(s.options()));
      case RootfsStep.BindMount s -> {
        put("source", s.source()).put("destination", s.destination());
        put("options", MountWords.of(s.options()));
        if (s.idMap() != null) {
          put("uids", mappings(s.idMap().uids())).put("gids", mappings(s.idMap().gids()));
        }
      }
      case RootfsStep.MountCgroup s ->
          put("destination", s.destination()).put("options", MountWords.of(s.options()));
      case RootfsStep.MakeDevice s -> device(s.device());
      case RootfsStep.MakeLink s -> put("path", s.path()).put("target", s.target());
      case RootfsStep.PropagateRoot s ->
          put("propagation", MountWords.propagation(s.propagation(), s.recursive()));
      case RootfsStep.MakeDirectory s -> put("path", s.path());
      case RootfsStep.MakeReadonly s -> put("path", s.destination());
      case RootfsStep.WriteSysctl s -> put("name", s.name()).put("value", s.value());
      case RootfsStep.ReadonlyPath s -> put("path", s.path());
      case RootfsStep.MaskPath s -> put("path", s.path()).put("label", s.label());
      default -> {} // The others are done with nothing but the root itself.
    }
  }

  private void device(Device device) {
    put("path", device.path()).put("type", device.type());
    if (!device.type().equals("p")) {
      put("number", device.major() + ":" + device.minor());
    }
    if (device.fileMode() != null) {
      put("mode", Integer.toOctalString(device.fileMode()));
    }
    put("uid", device.uid()).put("gid", device.gid());
  }

  private void process(ProcessStep step) {
    switch (step) {
      case ProcessStep.JoinNamespace s -> put("type", s.type().wireName()).put("path", s.path());
      case ProcessStep.NewKeyring s -> put("name", s.name()).put("label", s.label());
      case ProcessStep.JoinKeyring s -> put("name", s.name()).put("label", s.label());
      case ProcessStep.SetAppArmorProfile s -> put("profile", s.profile());
      case ProcessStep.SetSelinuxLabel s -> put("label", s.label());
      case ProcessStep.SetHostname s -> put("name", s.name());
      case ProcessStep.SetDomainname s -> put("name", s.name());
      case ProcessStep.RunHooks s -> hooks(s);
      case ProcessStep.OpenConsole s -> {
        if (s.size() != null) {
          put("size", s.size().width() + "x" + s.size().height());
        }
      }
      case ProcessStep.SetScheduler s -> put("policy", s.scheduler().policy());
      case ProcessStep.SetIoPriority s ->
          put("class", s.priority().ioClass()).put("priority", s.priority().priority());
      case ProcessStep.SetPersonality s -> put("domain", s.personality().domain());
      case ProcessStep.SetMemoryPolicy s ->
          put("mode", s.policy().mode()).put("nodes", s.policy().nodes());
      case ProcessStep.SetFileModeMask s -> put("mask", Integer.toOctalString(s.mask()));
      case ProcessStep.ReportReady s -> put("limits", limits(s.limits()));
      case ProcessStep.CloseDescriptors s -> put("from", s.first());
      case ProcessStep.ChangeUser s -> user(s);
      case ProcessStep.FindProgram s -> put("name", s.name());
      case ProcessStep.Execute s ->
          // The environment is left out: it is where secrets are.
          put("arguments", String.join(" ", s.arguments()));
      default -> {} // The others are done with nothing.
    }
  }

  private void hooks(ProcessStep.RunHooks step) {
    StringBuilder paths = new StringBuilder();
    for (Hook hook : step.hooks()) {
      paths.append(paths.isEmpty() ? "" : " ").append(hook.path());
    }
    put("kind", step.kind()).put("paths", paths);
  }

  private void user(ProcessStep.ChangeUser step) {
    put("uid", step.user().uid()).put("gid", step.user().gid());
    StringBuilder groups = new StringBuilder();
    for (long group : step.user().additionalGids()) {
      groups.append(groups.isEmpty() ? "" : " ").append(group);
    }
    put("groups", groups);
    if (step.capabilities() != null) {
      put("bounding", String.join(" ", step.capabilities().bounding()));
      put("ambient", String.join(" ", step.capabilities().ambient()));
    }
    put("cwd", step.workingDirectory());
  }

  private static String limits(List<Rlimit> limits) {
    StringBuilder text = new StringBuilder();
    for (Rlimit limit : limits) {
      text.append(text.isEmpty() ? "" : " ").append(limit.type()).append('=');
      text.append(Long.toUnsignedString(limit.soft())).append(':');
      text.append(Long.toUnsignedString(limit.hard()));
    }
    return text.toString();
  }

  /** The maps of a user namespace that is made. */
  static Map<String, String> mappings(NamespacePlan namespaces) {
    StepDetail detail = new StepDetail();
    detail.put("uids", mappings(namespaces.uidMappings()));
    detail.put("gids", mappings(namespaces.gidMappings()));
    return detail.values;
  }

  // As in /proc/PID/uid_map, divided by commas.
  private static String mappings(List<IdMapping> mappings) {
    StringBuilder text = new StringBuilder();
    for (IdMapping mapping : mappings) {
      text.append(text.isEmpty() ? "" : ", ").append(mapping.containerId()).append(' ');
      text.append(mapping.hostId()).append(' ').append(mapping.size());
    }
    return text.toString();
  }
}
