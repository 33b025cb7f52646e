package dev.jrunc.runtime.cli;

import dev.jrunc.runtime.error.Failure;

/** Durations as Go reads them: {@code 5s}, {@code 1m30s}, {@code 250ms}, {@code 1.5h}. */
final class Durations {
  private static final long LARGEST = 1L << 40;

  private Durations() {}

  /** In milliseconds, rounded up. */
  static long millis(String word, String flag) {
    long micros = 0;
    int at = word.startsWith("+") ? 1 : 0;
    boolean negative = word.startsWith("-");
    at = negative ? 1 : at;
    if (word.substring(at).equals("0")) {
      return 0;
    }
    if (at == word.length()) {
      throw invalid(word, flag);
    }
    while (at < word.length()) {
      int end = at;
      while (end < word.length() && (word.charAt(end) == '.' || digit(word.charAt(end)))) {
        end++;
      }
      int unitEnd = end;
      while (unitEnd < word.length()
          && word.charAt(unitEnd) != '.'
          && !digit(word.charAt(unitEnd))) {
        unitEnd++;
      }
      long unit = unit(word.substring(end, unitEnd));
      long part = unit < 0 ? -1 : scaled(word.substring(at, end), unit);
      if (part < 0 || micros + part > LARGEST * 1000) {
        throw invalid(word, flag);
      }
      micros += part;
      at = unitEnd;
    }
    long millis = (micros + 999) / 1000;
    return negative ? -millis : millis;
  }

  private static boolean digit(char c) {
    return c >= '0' && c <= '9';
  }

  /** In microseconds; what is shorter counts as one of them. */
  private static long unit(String name) {
    return switch (name) {
      case "ns", "us", "µs" -> 1;
      case "ms" -> 1000;
      case "s" -> 1_000_000;
      case "m" -> 60_000_000L;
      case "h" -> 3_600_000_000L;
      default -> -1;
    };
  }

  private static long scaled(String number, long unit) {
    int point = number.indexOf('.');
    String whole = point < 0 ? number : number.substring(0, point);
    String part = point < 0 ? "" : number.substring(point + 1);
    if ((whole.isEmpty() && part.isEmpty()) || part.indexOf('.') >= 0) {
      return -1;
    }
    long value = whole.isEmpty() ? 0 : Numbers.digits(whole);
    if (value < 0 || value > LARGEST) {
      return -1;
    }
    long scaled = Math.min(value * unit, LARGEST * 2000);
    long worth = unit;
    for (int i = 0; i < part.length() && worth > 0; i++) {
      scaled += worth * (part.charAt(i) - '0') / 10;
      worth /= 10;
    }
    return scaled;
  }

  private static Failure invalid(String word, String flag) {
    return Failure.of(
            Failure.Code.USAGE, "Incorrect Usage. invalid value \"" + word + "\" for flag -" + flag)
        .phase("parse command line")
        .hint("such as 5s, 250ms or 1m30s")
        .build();
  }
}
