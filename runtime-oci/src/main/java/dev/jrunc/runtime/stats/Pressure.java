package dev.jrunc.runtime.stats;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** How long tasks have waited for something: Documentation/accounting/psi.rst of the kernel. */
public record Pressure(Share some, Share full) {

  /**
   * Of some tasks, or of all at once.
   *
   * @param averages in percent, over 10, 60 and 300 seconds, as JSON numbers
   * @param total in microseconds
   */
  public record Share(List<String> averages, long total) {
    static final Share NONE = new Share(List.of("0", "0", "0"), 0);
  }

  /** Null where the kernel does not keep it. */
  static @Nullable Pressure of(@Nullable String text) {
    if (text == null) {
      return null;
    }
    Share some = Share.NONE;
    Share full = Share.NONE;
    for (String line : Numerals.lines(text)) {
      if (line.startsWith("some ")) {
        some = share(line);
      } else if (line.startsWith("full ")) {
        full = share(line);
      }
    }
    return new Pressure(some, full);
  }

  private static Share share(String line) {
    List<String> averages =
        List.of(
            decimal(value(line, " avg10=")),
            decimal(value(line, " avg60=")),
            decimal(value(line, " avg300=")));
    return new Share(averages, Numerals.of(value(line, " total=")));
  }

  private static String value(String line, String key) {
    int at = line.indexOf(key);
    if (at < 0) {
      return "0";
    }
    int end = line.indexOf(' ', at + key.length());
    return line.substring(at + key.length(), end < 0 ? line.length() : end);
  }

  // "1.50" as Go writes the number: without zeros that say nothing.
  private static String decimal(String text) {
    int end = text.length();
    if (text.indexOf('.') < 0) {
      return Long.toString(Numerals.of(text));
    }
    while (text.charAt(end - 1) == '0') {
      end--;
    }
    return text.substring(0, text.charAt(end - 1) == '.' ? end - 1 : end);
  }
}
