package dev.jrunc.spec;

import java.io.IOException;
import java.util.List;

/** Writes what a runtime can do, in the order in which the specification's Go structs give it. */
public final class FeaturesWriter {
  private FeaturesWriter() {}

  /** The document that the features command prints; runc indents it by four spaces. */
  public static byte[] features(Features features, String indent) {
    return JsonOutput.document(
        indent,
        out -> {
          out.required("ociVersionMin", features.ociVersionMin());
          out.required("ociVersionMax", features.ociVersionMax());
          out.texts("hooks", features.hooks());
          out.texts("mountOptions", features.mountOptions());
          out.object("linux", o -> linux(o, features.linux()));
          out.texts("annotations", features.annotations());
          out.texts("potentiallyUnsafeConfigAnnotations", features.unsafeAnnotations());
        });
  }

  private static void linux(JsonOutput out, LinuxFeatures linux) throws IOException {
    out.texts("namespaces", linux.namespaces().stream().map(NamespaceType::wireName).toList());
    out.texts("capabilities", linux.capabilities());
    out.object("cgroup", o -> cgroup(o, linux.cgroup()));
    out.object("seccomp", o -> seccomp(o, linux.seccomp()));
    enabled(out, "apparmor", linux.apparmor());
    enabled(out, "selinux", linux.selinux());
    out.object(
        "intelRdt",
        o -> {
          o.required("enabled", linux.intelRdt().enabled());
          o.required("schemata", linux.intelRdt().schemata());
          o.required("monitoring", linux.intelRdt().monitoring());
        });
    out.object(
        "memoryPolicy",
        o -> {
          o.texts("modes", linux.memoryPolicyModes());
          o.texts("flags", linux.memoryPolicyFlags());
        });
    out.object("mountExtensions", o -> enabled(o, "idmap", linux.idMappedMounts()));
    enabled(out, "netDevices", linux.netDevices());
  }

  private static void cgroup(JsonOutput out, LinuxFeatures.CgroupFeatures cgroup)
      throws IOException {
    out.required("v1", cgroup.v1());
    out.required("v2", cgroup.v2());
    out.required("systemd", cgroup.systemd());
    out.required("systemdUser", cgroup.systemdUser());
    out.required("rdma", cgroup.rdma());
  }

  private static void seccomp(JsonOutput out, LinuxFeatures.SeccompFeatures seccomp)
      throws IOException {
    out.required("enabled", seccomp.enabled());
    List<String> actions = seccomp.actions().stream().map(SeccompAction::wireName).toList();
    out.texts("actions", actions);
    List<String> operators = seccomp.operators().stream().map(SeccompOperator::wireName).toList();
    out.texts("operators", operators);
    out.texts("archs", seccomp.archs());
    out.texts("knownFlags", seccomp.knownFlags());
    out.texts("supportedFlags", seccomp.supportedFlags());
  }

  private static void enabled(JsonOutput out, String name, boolean value) throws IOException {
    out.object(name, o -> o.required("enabled", value));
  }
}
