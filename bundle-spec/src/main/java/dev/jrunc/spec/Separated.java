package dev.jrunc.spec;

import java.util.ArrayList;
import java.util.List;

/**
 * Text cut at a character. {@link String#split} makes a regular expression of it, and in the native
 * executable the first of these unpacks tables of all of Unicode: more than the rest of a start.
 */
public final class Separated {
  private Separated() {}

  /** All parts, the empty ones too: one more than there are separators. */
  public static List<String> by(char separator, String text) {
    List<String> parts = new ArrayList<>();
    int start = 0;
    for (int end; (end = text.indexOf(separator, start)) >= 0; start = end + 1) {
      parts.add(text.substring(start, end));
    }
    parts.add(text.substring(start));
    return parts;
  }
}
