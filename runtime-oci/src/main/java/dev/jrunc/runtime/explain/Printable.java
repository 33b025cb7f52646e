package dev.jrunc.runtime.explain;

/** The words of a config must not steer the terminal they are shown on. */
public final class Printable {
  private static final String DIGITS = "0123456789abcdef";

  private Printable() {}

  /** Appends {@code words} with control characters as in JSON. */
  public static void append(StringBuilder text, String words) {
    for (int i = 0; i < words.length(); i++) {
      char c = words.charAt(i);
      if (c < ' ' || (c >= 0x7f && c < 0xa0)) {
        text.append("\\u00").append(DIGITS.charAt(c >> 4)).append(DIGITS.charAt(c & 15));
      } else {
        text.append(c);
      }
    }
  }
}
