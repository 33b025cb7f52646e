package dev.jrunc.spec;

/** The resources of setrlimit(2) by the names of config.json. */
public final class RlimitType {
  static final String NAMES =
      "RLIMIT_CPU RLIMIT_FSIZE RLIMIT_DATA RLIMIT_STACK RLIMIT_CORE RLIMIT_RSS RLIMIT_NPROC"
          + " RLIMIT_NOFILE RLIMIT_MEMLOCK RLIMIT_AS RLIMIT_LOCKS RLIMIT_SIGPENDING"
          + " RLIMIT_MSGQUEUE RLIMIT_NICE RLIMIT_RTPRIO RLIMIT_RTTIME";

  private RlimitType() {}

  /** The kernel's number of {@code name}, -1 if it has none. */
  public static int number(String name) {
    int number = 0;
    for (String candidate : Separated.by(' ', NAMES)) {
      if (candidate.equals(name)) {
        return number;
      }
      number++;
    }
    return -1;
  }
}
