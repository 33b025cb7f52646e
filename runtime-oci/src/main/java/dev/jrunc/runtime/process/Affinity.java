package dev.jrunc.runtime.process;

import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.error.Failure;
import org.jspecify.annotations.Nullable;

/** On which processors the calling process may run, see sched_setaffinity(2). */
public final class Affinity {
  /** As many as a kernel may be built for (NR_CPUS). */
  private static final int MOST = 8192;

  private Affinity() {}

  /**
   * All processors there are or may be: whoever called us may have been bound to few of them, and
   * that must not stay with the container. The kernel takes off those that are not in its cpuset.
   */
  public static void reset(Linux linux) {
    byte[] all = new byte[MOST / 8];
    java.util.Arrays.fill(all, (byte) 0xff);
    // Refused by a sandbox around us, it stays as it is, as in runc.
    linux.processes().setAffinityRaw(0, all);
  }

  /**
   * The processors of a list such as 0-3,7.
   *
   * @param moment {@code initial} or {@code final}
   */
  public static void set(Linux linux, String list, String moment) {
    byte[] mask = mask(list);
    String pointer = "/process/execCPUAffinity/" + moment;
    if (mask == null) {
      throw Failure.of(
              Failure.Code.INVALID_CONFIG, "bad CPU affinity: \"" + list + "\" is no list of CPUs")
          .phase("set affinity")
          .pointer(pointer)
          .hint("such as 0-3,7")
          .build();
    }
    long result = linux.processes().setAffinityRaw(0, mask);
    if (result < 0) {
      int errno = (int) -result;
      throw Failure.of(
              Failure.Code.SYSTEM,
              "error setting " + moment + " CPU affinity: " + Errno.message(errno))
          .phase("set affinity")
          .pointer(pointer)
          .errno(errno)
          .hint(errno == Errno.EINVAL ? "none of these CPUs is there and in the cpuset" : "")
          .build();
    }
  }

  /** The first 64 processors the caller may run on, as a hexadecimal mask. */
  static String describe(Linux linux) {
    byte[] mask = linux.processes().affinity(0, MOST / 8);
    long bits = 0;
    for (int i = 7; i >= 0; i--) {
      bits = (bits << 8) | (mask[i] & 0xff);
    }
    return "0x" + Long.toHexString(bits);
  }

  /** A bit for each processor; null where the list is none. */
  static byte @Nullable [] mask(String list) {
    byte[] mask = new byte[MOST / 8];
    boolean any = false;
    for (int start = 0; start <= list.length(); ) {
      int comma = list.indexOf(',', start);
      int end = comma < 0 ? list.length() : comma;
      String range = list.substring(start, end).trim();
      start = end + 1;
      if (range.isEmpty()) {
        continue;
      }
      int dash = range.indexOf('-');
      int first = number(dash < 0 ? range : range.substring(0, dash));
      int last = dash < 0 ? first : number(range.substring(dash + 1));
      if (first < 0 || last < first) {
        return null;
      }
      for (int cpu = first; cpu <= last; cpu++) {
        mask[cpu / 8] |= (byte) (1 << (cpu % 8));
      }
      any = true;
    }
    return any ? mask : null;
  }

  private static int number(String text) {
    String digits = text.trim();
    int value = digits.isEmpty() ? -1 : 0;
    for (int i = 0; i < digits.length() && value >= 0; i++) {
      char c = digits.charAt(i);
      value = c >= '0' && c <= '9' ? value * 10 + c - '0' : -1;
      value = value < MOST ? value : -1;
    }
    return value;
  }
}
