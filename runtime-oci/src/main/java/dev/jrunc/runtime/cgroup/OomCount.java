package dev.jrunc.runtime.cgroup;

/** Finds {@code oom_kill N} in memory.events (v2) or memory.oom_control (v1, since Linux 4.13). */
final class OomCount {
  private OomCount() {}

  static long of(String text) {
    String key = "oom_kill ";
    int at = text.startsWith(key) ? 0 : text.indexOf("\n" + key) + 1;
    if (at == 0 && !text.startsWith(key)) {
      return 0;
    }
    long count = 0;
    for (int i = at + key.length(); i < text.length(); i++) {
      char digit = text.charAt(i);
      if (digit < '0' || digit > '9') {
        break;
      }
      count = count * 10 + (digit - '0');
    }
    return count;
  }
}
