package dev.jrunc.spec;

/** Which sysctls belong to a namespace, and so may be set for a container. */
final class SysctlRule {
  private SysctlRule() {}

  /** Why the sysctl {@code key} must not be set, in runc's words; empty if it may be. */
  static String refusal(String key, OwnNamespaces own) {
    String name = dotted(key);
    // Written as a file below /proc/sys, such a name could leave the part it is allowed for.
    if (name.startsWith(".") || name.contains("..") || name.contains("./") || name.contains("/.")) {
      return "\"" + key + "\" is not the name of a sysctl";
    }
    if (isIpc(name)) {
      return own.has(NamespaceType.IPC)
          ? ""
          : "sysctl \"" + name + "\" is not allowed in the hosts ipc namespace";
    }
    if (name.startsWith("net.")) {
      return own.has(NamespaceType.NETWORK)
          ? ""
          : "sysctl \"" + name + "\" not allowed in host network namespace";
    }
    if (name.startsWith("user.") && own.has(NamespaceType.USER)) {
      return "";
    }
    if (name.equals("kernel.domainname") && own.has(NamespaceType.UTS)) {
      return "";
    }
    if (name.equals("kernel.hostname")) {
      return "sysctl \""
          + name
          + "\" is not allowed as it conflicts with the OCI \"hostname\" field";
    }
    return "sysctl \"" + name + "\" is not in a separate kernel namespace";
  }

  /**
   * The name with dots between its parts. The first of the two separators that is met is the one
   * that divides, and the other then stands for a dot or slash inside a part, see sysctl.d(5).
   */
  private static String dotted(String key) {
    int dot = key.indexOf('.');
    int slash = key.indexOf('/');
    if (slash < 0 || (dot >= 0 && dot < slash)) {
      return key;
    }
    StringBuilder name = new StringBuilder(key.length());
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      name.append(c == '/' ? '.' : c == '.' ? '/' : c);
    }
    return name.toString();
  }

  private static boolean isIpc(String name) {
    return switch (name) {
      case "kernel.msgmax",
          "kernel.msgmnb",
          "kernel.msgmni",
          "kernel.sem",
          "kernel.shmall",
          "kernel.shmmax",
          "kernel.shmmni",
          "kernel.shm_rmid_forced" ->
          true;
      default -> name.startsWith("fs.mqueue.");
    };
  }
}
