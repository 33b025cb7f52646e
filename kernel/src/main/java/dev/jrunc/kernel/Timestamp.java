package dev.jrunc.kernel;

/** A point of time: seconds since 1970 in UTC and nanoseconds, 0 to 999,999,999. */
public record Timestamp(long seconds, int nanoseconds) {

  /** Tells utimensat(2) to leave this time as it is (UTIME_OMIT). */
  public static final Timestamp OMIT = new Timestamp(0, (1 << 30) - 2);
}
