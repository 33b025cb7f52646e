package dev.jrunc.image.cli;

import java.util.Locale;

/** Numbers of bytes as people say them. */
final class Sizes {
  private Sizes() {}

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
    return String.format(Locale.ROOT, "%.1f %cB", value, "kMGT".charAt(unit));
  }
}
