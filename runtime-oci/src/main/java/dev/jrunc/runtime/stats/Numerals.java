package dev.jrunc.runtime.stats;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Numbers in files of cgroups: 64 bits unsigned, {@code max} for all of them set. */
final class Numerals {
  private Numerals() {}

  /** 0 where there is no number; a negative one, which some kernels print, counts as 0 too. */
  static long of(@Nullable String text) {
    if (text == null) {
      return 0;
    }
    String word = text.trim();
    if (word.equals("max")) {
      return -1;
    }
    long value = 0;
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if (c < '0' || c > '9') {
        return 0;
      }
      value = value * 10 + c - '0';
    }
    return value;
  }

  /** A number that may be negative, as sched_relax_domain_level. */
  static long signed(@Nullable String text) {
    return text != null && text.startsWith("-") ? -of(text.substring(1)) : of(text);
  }

  static List<Long> list(@Nullable String text) {
    List<Long> numbers = new ArrayList<>();
    for (String word : words(text)) {
      numbers.add(of(word));
    }
    return numbers;
  }

  /** Lines of a key, a blank and a number. */
  static Map<String, Long> pairs(@Nullable String text) {
    Map<String, Long> pairs = new LinkedHashMap<>();
    for (String line : lines(text)) {
      int blank = line.indexOf(' ');
      if (blank > 0) {
        pairs.put(line.substring(0, blank), of(line.substring(blank + 1)));
      }
    }
    return pairs;
  }

  /** A list such as {@code 0-3,7}, each number by itself. */
  static List<Long> ranges(@Nullable String text) {
    List<Long> numbers = new ArrayList<>();
    for (String range : split(text == null ? "" : text.trim(), ',')) {
      int dash = range.indexOf('-');
      long first = of(dash < 0 ? range : range.substring(0, dash));
      long last = dash < 0 ? first : of(range.substring(dash + 1));
      for (long n = first; n <= last && numbers.size() < 65536; n++) {
        numbers.add(n);
      }
    }
    return numbers;
  }

  static List<String> lines(@Nullable String text) {
    return split(text == null ? "" : text, '\n');
  }

  static List<String> words(@Nullable String text) {
    return split(text == null ? "" : text.trim().replace('\n', ' ').replace(':', ' '), ' ');
  }

  private static List<String> split(String text, char at) {
    List<String> parts = new ArrayList<>();
    for (int start = 0; start < text.length(); ) {
      int found = text.indexOf(at, start);
      int end = found < 0 ? text.length() : found;
      if (end > start) {
        parts.add(text.substring(start, end));
      }
      start = end + 1;
    }
    return parts;
  }
}
