package dev.jrunc.runtime.state;

/** Times as RFC 3339 in UTC, without java.time, whose tables cost start-up time. */
public final class Clock {
  private Clock() {}

  /** {@code 2026-11-24T01:02:03.004005006Z}; trailing zeros of the fraction are left out. */
  public static String rfc3339(long millis, int nanosOfMilli) {
    long seconds = Math.floorDiv(millis, 1000L);
    long nanos = Math.floorMod(millis, 1000L) * 1_000_000L + nanosOfMilli;
    StringBuilder text = new StringBuilder(30);
    date(text, Math.floorDiv(seconds, 86400L));
    long inDay = Math.floorMod(seconds, 86400L);
    text.append('T');
    pad(text, inDay / 3600, 2).append(':');
    pad(text, inDay / 60 % 60, 2).append(':');
    pad(text, inDay % 60, 2);
    if (nanos != 0) {
      text.append('.');
      pad(text, nanos, 9);
      while (text.charAt(text.length() - 1) == '0') {
        text.setLength(text.length() - 1);
      }
    }
    return text.append('Z').toString();
  }

  public static String now() {
    return rfc3339(System.currentTimeMillis(), 0);
  }

  // Days since 1970 to a date: the algorithm counts years from March, so that leap days come last.
  private static void date(StringBuilder text, long days) {
    long z = days + 719468;
    long era = Math.floorDiv(z, 146097L);
    long dayOfEra = z - era * 146097;
    long yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
    long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    long fromMarch = (5 * dayOfYear + 2) / 153;
    long month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
    long year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
    pad(text, year, 4).append('-');
    pad(text, month, 2).append('-');
    pad(text, dayOfYear - (153 * fromMarch + 2) / 5 + 1, 2);
  }

  private static StringBuilder pad(StringBuilder text, long value, int width) {
    String digits = Long.toString(value);
    for (int i = digits.length(); i < width; i++) {
      text.append('0');
    }
    return text.append(digits);
  }
}
