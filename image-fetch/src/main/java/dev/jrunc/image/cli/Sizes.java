package dev.jrunc.image.cli;

/** Numbers of bytes as people say them. */
final class Sizes {
  private Sizes() {}

  // Without a Formatter, whose decimals cost a short command a tenth of a JVM's start.
  static String of(long bytes) {
    if (bytes < 1000) {
      return bytes + " B";
    }
    double value = bytes;
    int unit = -1;
    do {
      value /= 1000;
      unit++;
    } while (value >= 999.95 && unit < 3);
    long tenths = Math.round(value * 10);
    return tenths / 10 + "." + tenths % 10 + " " + "kMGT".charAt(unit) + "B";
  }
}
