package dev.jrunc.runtime.capability;

import java.util.ArrayList;
import java.util.List;

/** Names and numbers of linux/capability.h. */
public final class Capability {
  /** One past the highest number known here. */
  public static final int COUNT = 41;

  /** Not a number of a capability. */
  static final int UNKNOWN = -1;

  private static final String PREFIX = "CAP_";

  /** By number. One literal in place of 41: each costs time at every start. */
  private static final String NAMES =
      "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID "
          + "KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE "
          + "NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK "
          + "IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE "
          + "SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE "
          + "SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE "
          + "AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG "
          + "WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF "
          + "CHECKPOINT_RESTORE";

  private Capability() {}

  /** The number of a name such as {@code CAP_KILL}, or -1. */
  public static int number(String name) {
    if (!name.startsWith(PREFIX)) {
      return UNKNOWN;
    }
    String wanted = name.substring(PREFIX.length());
    int number = 0;
    for (int start = 0; start < NAMES.length(); number++) {
      int space = NAMES.indexOf(' ', start);
      int end = space < 0 ? NAMES.length() : space;
      if (end - start == wanted.length() && NAMES.startsWith(wanted, start)) {
        return number;
      }
      start = end + 1;
    }
    return UNKNOWN;
  }

  /** The name of a number below {@link #COUNT}. */
  public static String name(int number) {
    int start = 0;
    for (int i = 0; i < number; i++) {
      start = NAMES.indexOf(' ', start) + 1;
    }
    int end = NAMES.indexOf(' ', start);
    return PREFIX + NAMES.substring(start, end < 0 ? NAMES.length() : end);
  }

  /** The names in a set of bits, in the order of their numbers. */
  public static List<String> names(long set) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < COUNT; i++) {
      if ((set & (1L << i)) != 0) {
        names.add(name(i));
      }
    }
    return names;
  }
}
