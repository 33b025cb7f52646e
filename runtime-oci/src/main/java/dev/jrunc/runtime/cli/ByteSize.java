package dev.jrunc.runtime.cli;

import dev.jrunc.runtime.error.Failure;

/**
 * Sizes as people write them: {@code 512}, {@code 64M}, {@code 1.5 GiB}; a unit counts in powers of
 * 1024, whether or not it says so. -1 stands for no limit.
 */
final class ByteSize {
  private static final String UNITS = "kmgtp";
  // 2^63 / 10: one digit more still fits.
  private static final long LARGEST_BEFORE_DIGIT = Long.MAX_VALUE / 10 - 1;

  private ByteSize() {}

  static long parse(String word, String flag) {
    if (word.equals("-1")) {
      return -1;
    }
    int end = 0;
    while (end < word.length() && (isDigit(word.charAt(end)) || word.charAt(end) == '.')) {
      end++;
    }
    String number = word.substring(0, end);
    int unit = end < word.length() && word.charAt(end) == ' ' ? end + 1 : end;
    long factor = factor(word.substring(unit));
    if (factor < 0) {
      throw invalid(flag, "invalid suffix: '" + word.substring(unit) + "'");
    }
    long bytes = multiply(number, factor);
    if (bytes < 0) {
      throw invalid(flag, "invalid size: '" + word + "'");
    }
    return bytes;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** What a unit such as {@code k}, {@code KB}, {@code KiB} or {@code b} counts; -1 for no unit. */
  private static long factor(String unit) {
    if (unit.isEmpty() || unit.equals("b") || unit.equals("B")) {
      return 1;
    }
    String rest = unit.substring(1);
    char letter = unit.charAt(0);
    int power = UNITS.indexOf(letter < 'a' ? letter + 32 : letter);
    boolean known = rest.isEmpty() || rest.equalsIgnoreCase("b") || rest.equalsIgnoreCase("ib");
    return power < 0 || !known ? -1 : 1L << (10 * (power + 1));
  }

  // Without floating point: the digits after the point are worth a tenth each of what is before.
  private static long multiply(String number, long factor) {
    int point = number.indexOf('.');
    String whole = point < 0 ? number : number.substring(0, point);
    String part = point < 0 ? "" : number.substring(point + 1);
    if (part.indexOf('.') >= 0 || (whole.isEmpty() && part.isEmpty())) {
      return -1;
    }
    long value = 0;
    for (int i = 0; i < whole.length(); i++) {
      if (value > LARGEST_BEFORE_DIGIT) {
        return -1;
      }
      value = value * 10 + whole.charAt(i) - '0';
    }
    if (value > Long.MAX_VALUE / factor) {
      return -1;
    }
    long bytes = value * factor;
    long worth = factor;
    for (int i = 0; i < part.length() && worth > 0; i++) {
      bytes += worth * (part.charAt(i) - '0') / 10;
      worth /= 10;
    }
    return bytes;
  }

  private static Failure invalid(String flag, String why) {
    return Failure.of(Failure.Code.USAGE, "invalid value for " + flag + ": " + why)
        .phase("parse command line")
        .hint("bytes, or a number with k, m or g, or -1 for no limit")
        .build();
  }
}
