package dev.jrunc.spec;

import java.util.List;

/**
 * What a runtime can do on Linux.
 *
 * @param capabilities names such as CAP_KILL
 */
public record LinuxFeatures(
    List<NamespaceType> namespaces,
    List<String> capabilities,
    CgroupFeatures cgroup,
    SeccompFeatures seccomp,
    boolean apparmor,
    boolean selinux,
    IntelRdtFeatures intelRdt,
    List<String> memoryPolicyModes,
    List<String> memoryPolicyFlags,
    boolean idMappedMounts,
    boolean netDevices) {
  public LinuxFeatures {
    namespaces = List.copyOf(namespaces);
    capabilities = List.copyOf(capabilities);
    memoryPolicyModes = List.copyOf(memoryPolicyModes);
    memoryPolicyFlags = List.copyOf(memoryPolicyFlags);
  }

  /** Which cgroups and which ways to manage them. */
  public record CgroupFeatures(
      boolean v1, boolean v2, boolean systemd, boolean systemdUser, boolean rdma) {}

  /** What a seccomp profile may hold; known flags are read, supported ones also take effect. */
  public record SeccompFeatures(
      boolean enabled,
      List<SeccompAction> actions,
      List<SeccompOperator> operators,
      List<String> archs,
      List<String> knownFlags,
      List<String> supportedFlags) {
    public SeccompFeatures {
      actions = List.copyOf(actions);
      operators = List.copyOf(operators);
      archs = List.copyOf(archs);
      knownFlags = List.copyOf(knownFlags);
      supportedFlags = List.copyOf(supportedFlags);
    }
  }

  /** Which parts of resctrl. */
  public record IntelRdtFeatures(boolean enabled, boolean schemata, boolean monitoring) {}
}
