package dev.jrunc.runtime.support;

import dev.jrunc.runtime.capability.Capability;
import dev.jrunc.runtime.plan.MountOptions;
import dev.jrunc.runtime.seccomp.SeccompKnowledge;
import dev.jrunc.spec.DefaultSpec;
import dev.jrunc.spec.Features;
import dev.jrunc.spec.LinuxFeatures;
import dev.jrunc.spec.MemoryPolicy;
import dev.jrunc.spec.NamespaceType;
import dev.jrunc.spec.Seccomp;
import dev.jrunc.spec.SeccompAction;
import dev.jrunc.spec.SeccompOperator;
import dev.jrunc.spec.Separated;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The document of {@code features}: what is built in, whether or not this host has it. */
public final class FeaturesDocument {
  private static final String HOOKS =
      "prestart createRuntime createContainer startContainer poststart poststop";

  private final SeccompKnowledge seccomp;
  private final String version;

  /**
   * @param version of this runtime
   */
  public FeaturesDocument(SeccompKnowledge seccomp, String version) {
    this.seccomp = seccomp;
    this.version = version;
  }

  public Features features() {
    return new Features(
        "1.0.0",
        DefaultSpec.OCI_VERSION,
        words(HOOKS),
        mountOptions(),
        linux(),
        annotations(),
        unsafeAnnotations());
  }

  private static List<String> words(String text) {
    return Separated.by(' ', text);
  }

  private static List<String> mountOptions() {
    List<String> options = new ArrayList<>();
    for (String name : words(MountOptions.NAMES)) {
      if (Support.ID_MAPPED_MOUNTS || !name.endsWith("idmap")) {
        options.add(name);
      }
    }
    return options;
  }

  private LinuxFeatures linux() {
    return new LinuxFeatures(
        List.of(NamespaceType.values()),
        Capability.names((1L << Capability.COUNT) - 1),
        new LinuxFeatures.CgroupFeatures(
            true, true, Support.SYSTEMD_DRIVER, Support.SYSTEMD_USER_DRIVER, true),
        seccomp(),
        Support.APPARMOR,
        Support.SELINUX,
        new LinuxFeatures.IntelRdtFeatures(
            Support.INTEL_RDT, Support.INTEL_RDT_SCHEMATA, Support.INTEL_RDT_MONITORING),
        words(MemoryPolicy.MODES),
        words(MemoryPolicy.FLAGS),
        Support.ID_MAPPED_MOUNTS,
        Support.NET_DEVICES);
  }

  private LinuxFeatures.SeccompFeatures seccomp() {
    List<SeccompAction> actions = new ArrayList<>();
    for (SeccompAction action : SeccompAction.values()) {
      if (Support.SECCOMP_NOTIFY || action != SeccompAction.NOTIFY) {
        actions.add(action);
      }
    }
    List<String> architectures = new ArrayList<>();
    for (String architecture : words(Seccomp.ARCHITECTURES)) {
      if (seccomp.hasArchitecture(architecture)) {
        architectures.add(architecture);
      }
    }
    List<String> flags = new ArrayList<>();
    for (String flag : words(Seccomp.FLAGS)) {
      // It is about the listener's wait, and without a listener the kernel refuses it.
      if (Support.SECCOMP_NOTIFY || !flag.endsWith("_WAIT_KILLABLE_RECV")) {
        flags.add(flag);
      }
    }
    return new LinuxFeatures.SeccompFeatures(
        true,
        actions,
        List.of(SeccompOperator.values()),
        architectures,
        words(Seccomp.FLAGS),
        flags);
  }

  private Map<String, String> annotations() {
    Map<String, String> annotations = new LinkedHashMap<>();
    annotations.put("dev.jrunc.version", version);
    annotations.put("io.github.seccomp.libseccomp.version", seccomp.libraryVersion());
    // By runc's name, which is the one that engines look up.
    annotations.put(
        "org.opencontainers.runc.checkpoint.enabled", Boolean.toString(Support.CHECKPOINT));
    return annotations;
  }

  // Whatever annotation changes how a container is set up; the others are but handed on.
  private static List<String> unsafeAnnotations() {
    return Support.SYSTEMD_DRIVER ? List.of("org.systemd.property.") : List.of();
  }
}
