package dev.jrunc.image.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jrunc.image.manifest.Json;
import java.util.stream.Collectors;

/**
 * Text for people with nothing in it that commands a terminal. Names, times and settings are what
 * an image or a registry says: an escape code in them could clear the screen, forge a line or
 * answer for whoever looks on. So a character that has no shape of its own is written as its
 * number.
 */
final class Visible {
  private Visible() {}

  /** One line. */
  static String of(String text) {
    int first = 0;
    while (first < text.length() && isShown(text.charAt(first))) {
      first++;
    }
    if (first == text.length()) {
      return text;
    }
    StringBuilder shown = new StringBuilder(text.length() + 16).append(text, 0, first);
    text.substring(first).codePoints().forEach(point -> append(shown, point));
    return shown.toString();
  }

  /** Text of several lines. */
  static String lines(String text) {
    return text.lines().map(Visible::of).collect(Collectors.joining("\n"));
  }

  private static void append(StringBuilder shown, int point) {
    if (isShown(point)) {
      shown.appendCodePoint(point);
      return;
    }
    shown.append(
        switch (point) {
          case '\n' -> "\\n";
          case '\r' -> "\\r";
          case '\t' -> "\\t";
          default -> point < 0x100 ? number("\\x", point, 2) : number("\\u", point, 4);
        });
  }

  /** The same tree for every reader of JSON: its writer escapes ASCII alone. */
  static String json(JsonNode tree) {
    String text = Json.pretty(tree);
    StringBuilder shown = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char unit = text.charAt(i);
      // Line ends stand between values only.
      if (unit == '\n' || isShown(unit)) {
        shown.append(unit);
      } else {
        int point = text.codePointAt(i);
        boolean pair = Character.isSupplementaryCodePoint(point);
        if (pair && isShown(point)) {
          shown.append(unit).append(text.charAt(i + 1));
        } else if (pair) {
          shown.append(number("\\u", unit, 4)).append(number("\\u", text.charAt(i + 1), 4));
        } else {
          shown.append(number("\\u", unit, 4));
        }
        i += pair ? 1 : 0;
      }
    }
    return shown.toString();
  }

  private static String number(String lead, int value, int digits) {
    String hex = Integer.toHexString(value);
    return lead + "0".repeat(Math.max(0, digits - hex.length())) + hex;
  }

  private static boolean isShown(int point) {
    if (point < 0x7f) {
      return point >= ' ';
    }
    return switch (Character.getType(point)) {
      // The last of them turn the direction of what follows.
      case Character.CONTROL,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.FORMAT ->
          false;
      default -> true;
    };
  }
}
