package dev.jrunc.spec;

/** Which sysctls belong to a namespace, and so may be set for a container. */
final class SysctlRule {
  private SysctlRule() {}

  /** Why {@code name}, with dots, must not be set; empty if it may be. */
  static String refusal(String name, boolean ipc, boolean uts, boolean network, boolean user) {
    if (isIpc(name)) {
      return without(name, ipc, "ipc");
    }
    if (name.startsWith("net.")) {
      return without(name, network, "network");
    }
    if (name.startsWith("user.")) {
      return without(name, user, "user");
    }
    if (name.equals("kernel.domainname")) {
      return without(name, uts, "uts");
    }
    if (name.equals("kernel.hostname")) {
      return "sysctl \"kernel.hostname\" conflicts with the hostname of the config";
    }
    return "sysctl \"" + name + "\" is not in a separate kernel namespace";
  }

  private static String without(String name, boolean owned, String namespace) {
    return owned
        ? ""
        : "sysctl \"" + name + "\" is not allowed in the hosts " + namespace + " namespace";
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
