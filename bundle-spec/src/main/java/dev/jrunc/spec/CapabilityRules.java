package dev.jrunc.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is odd about capability sets. Nothing here is refused: runc warns and goes on. */
final class CapabilityRules {
  // In the order of the kernel's numbers, see capabilities(7).
  static final String NAMES =
      "CAP_CHOWN CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID CAP_KILL CAP_SETGID"
          + " CAP_SETUID CAP_SETPCAP CAP_LINUX_IMMUTABLE CAP_NET_BIND_SERVICE CAP_NET_BROADCAST"
          + " CAP_NET_ADMIN CAP_NET_RAW CAP_IPC_LOCK CAP_IPC_OWNER CAP_SYS_MODULE CAP_SYS_RAWIO"
          + " CAP_SYS_CHROOT CAP_SYS_PTRACE CAP_SYS_PACCT CAP_SYS_ADMIN CAP_SYS_BOOT CAP_SYS_NICE"
          + " CAP_SYS_RESOURCE CAP_SYS_TIME CAP_SYS_TTY_CONFIG CAP_MKNOD CAP_LEASE CAP_AUDIT_WRITE"
          + " CAP_AUDIT_CONTROL CAP_SETFCAP CAP_MAC_OVERRIDE CAP_MAC_ADMIN CAP_SYSLOG"
          + " CAP_WAKE_ALARM CAP_BLOCK_SUSPEND CAP_AUDIT_READ CAP_PERFMON CAP_BPF"
          + " CAP_CHECKPOINT_RESTORE";

  private CapabilityRules() {}

  static void check(@Nullable Capabilities sets, String at, Findings found) {
    if (sets == null) {
      return;
    }
    names(sets.bounding(), at + "/bounding/", found);
    names(sets.effective(), at + "/effective/", found);
    names(sets.inheritable(), at + "/inheritable/", found);
    names(sets.permitted(), at + "/permitted/", found);
    names(sets.ambient(), at + "/ambient/", found);
    subset(sets.effective(), sets.permitted(), "permitted", at + "/effective/", found);
    // The kernel raises an ambient capability only where both sets hold it.
    subset(sets.ambient(), sets.permitted(), "permitted", at + "/ambient/", found);
    subset(sets.ambient(), sets.inheritable(), "inheritable", at + "/ambient/", found);
  }

  private static void names(List<String> set, String at, Findings found) {
    for (int i = 0; i < set.size(); i++) {
      String name = set.get(i);
      if (!NearName.isAmong(NAMES, name)) {
        String near = NearName.among(NAMES, name);
        found.remark(
            at + i,
            "unknown capability \"" + name + "\" is ignored",
            near.isEmpty() ? "" : "did you mean \"" + near + "\"?");
      }
    }
  }

  private static void subset(
      List<String> set, List<String> of, String name, String at, Findings found) {
    for (int i = 0; i < set.size(); i++) {
      if (!of.contains(set.get(i))) {
        found.remark(
            at + i,
            set.get(i) + " has no effect here unless it is in the " + name + " set too",
            "");
      }
    }
  }
}
