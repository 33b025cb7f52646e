package dev.jrunc.runtime.systemd;

import dev.jrunc.runtime.dbus.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a value as people write it, in the form of GVariant: {@code 'text'}, {@code true}, {@code
 * 5}, {@code uint64 5}, {@code ['a', 'b']}, {@code @as []}, {@code ('a', 5)}. A number without a
 * type is an INT32, or a DOUBLE if it has a point. Dictionaries are left out, since no unit has
 * such a property.
 */
final class VariantText {
  private static final int DEEPEST = 16;

  private final String text;
  private int at;

  private VariantText(String text) {
    this.text = text;
  }

  /** The text is no value; the message says where and why. */
  static final class Malformed extends RuntimeException {
    Malformed(String message) {
      super(message);
    }
  }

  static Value parse(String text) {
    VariantText reader = new VariantText(text);
    Value value = reader.value("", 0);
    reader.blank();
    if (reader.at < text.length()) {
      throw reader.malformed("more follows");
    }
    return value;
  }

  private Malformed malformed(String why) {
    return new Malformed(why + " at character " + (at + 1));
  }

  private void blank() {
    while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
      at++;
    }
  }

  private char next() {
    blank();
    if (at >= text.length()) {
      throw malformed("the value is cut off");
    }
    return text.charAt(at);
  }

  /** A value of {@code type}, or of the type it shows if that is empty. */
  private Value value(String type, int depth) {
    if (depth > DEEPEST) {
      throw malformed("too deep");
    }
    char first = next();
    if (first == '@') {
      int end = at + 1;
      while (end < text.length() && text.charAt(end) != ' ') {
        end++;
      }
      String wanted = text.substring(at + 1, end);
      at = end;
      return value(known(wanted), depth + 1);
    }
    if (first == '\'' || first == '"') {
      return new Value.Text(type.equals("o") || type.equals("g") ? type.charAt(0) : 's', quoted());
    }
    if (first == '[') {
      return array(type, depth);
    }
    if (first == '(') {
      return struct(type, depth);
    }
    if (first == '<') {
      at++;
      Value held = value("", depth + 1);
      expect('>');
      return new Value.Variant(held);
    }
    return bare(type, depth);
  }

  // Types of values that are no plain letter are checked where they are used.
  private String known(String type) {
    if (type.isEmpty() || (type.length() == 1 && "bynqiuxtdsog".indexOf(type) < 0)) {
      throw malformed("unknown type \"" + type + "\"");
    }
    return type;
  }

  private void expect(char wanted) {
    if (next() != wanted) {
      throw malformed("\"" + wanted + "\" is missing");
    }
    at++;
  }

  private Value array(String type, int depth) {
    if (!type.isEmpty() && !type.startsWith("a")) {
      throw malformed("a list is no value of type \"" + type + "\"");
    }
    at++;
    String elements = type.isEmpty() ? "" : type.substring(1);
    List<Value> values = new ArrayList<>();
    while (next() != ']') {
      Value value = value(elements, depth + 1);
      if (elements.isEmpty()) {
        elements = value.signature();
      } else if (!elements.equals(value.signature())) {
        throw malformed("a list holds values of two types");
      }
      values.add(value);
      if (next() != ']') {
        expect(',');
      }
    }
    at++;
    if (elements.isEmpty()) {
      throw malformed("an empty list needs a type, such as @as []");
    }
    return new Value.Array(elements, values);
  }

  private Value struct(String type, int depth) {
    if (!type.isEmpty()) {
      throw malformed("give each field of a structure its own type");
    }
    at++;
    List<Value> fields = new ArrayList<>();
    while (next() != ')') {
      fields.add(value("", depth + 1));
      if (next() != ')') {
        expect(',');
      }
    }
    at++;
    if (fields.isEmpty()) {
      throw malformed("a structure without a field");
    }
    return new Value.Struct(fields);
  }

  /** A number, a truth value, or a type's name with a value behind it. */
  private Value bare(String type, int depth) {
    int start = at;
    while (at < text.length() && ",]) >\t".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    String word = text.substring(start, at);
    String named = typeNamed(word);
    if (!named.isEmpty()) {
      return value(named, depth + 1);
    }
    return word.equals("true") || word.equals("false")
        ? Value.of(word.equals("true"))
        : number(word, type, start);
  }

  /** The letter for a type's name; empty for what is none. */
  private static String typeNamed(String word) {
    return switch (word) {
      case "boolean" -> "b";
      case "byte" -> "y";
      case "int16" -> "n";
      case "uint16" -> "q";
      case "int32" -> "i";
      case "uint32" -> "u";
      case "int64" -> "x";
      case "uint64" -> "t";
      case "double" -> "d";
      case "string" -> "s";
      case "objectpath" -> "o";
      case "signature" -> "g";
      default -> "";
    };
  }

  private Value number(String word, String type, int start) {
    boolean real =
        type.equals("d") || (type.isEmpty() && (word.indexOf('.') >= 0 || exponent(word)));
    String wanted = type.isEmpty() ? (real ? "d" : "i") : type;
    if (wanted.length() != 1 || "ynqiuxtd".indexOf(wanted) < 0) {
      at = start;
      throw malformed("\"" + word + "\" is no value of type \"" + wanted + "\"");
    }
    try {
      long bits = real ? Double.doubleToLongBits(Double.parseDouble(word)) : whole(word);
      if (real || fits(bits, word.startsWith("-"), wanted.charAt(0))) {
        return new Value.Number(wanted.charAt(0), bits);
      }
    } catch (NumberFormatException e) {
      // Said below, with its place.
      at = start;
    }
    at = start;
    throw malformed("\"" + word + "\" is no number of type \"" + wanted + "\"");
  }

  private static boolean exponent(String word) {
    return !word.startsWith("0x") && (word.indexOf('e') > 0 || word.indexOf('E') > 0);
  }

  /** Decimal, hexadecimal after 0x, octal after 0; up to the largest UINT64. */
  private static long whole(String word) {
    boolean minus = word.startsWith("-");
    String digits = minus || word.startsWith("+") ? word.substring(1) : word;
    int radix = 10;
    if (digits.startsWith("0x")) {
      radix = 16;
      digits = digits.substring(2);
    } else if (digits.length() > 1 && digits.startsWith("0")) {
      radix = 8;
    }
    if (digits.isEmpty()) {
      throw new NumberFormatException(word);
    }
    long value = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = Character.digit(digits.charAt(i), radix);
      boolean tooLong = Long.compareUnsigned(value, Long.divideUnsigned(-1L - digit, radix)) > 0;
      if (digit < 0 || tooLong) {
        throw new NumberFormatException(word);
      }
      value = value * radix + digit;
    }
    return minus ? -value : value;
  }

  private static boolean fits(long value, boolean minus, char type) {
    return switch (type) {
      case 'y' -> value >= 0 && value <= 0xff;
      case 'n' -> value == (short) value;
      case 'q' -> value >= 0 && value <= 0xffff;
      case 'i' -> value == (int) value;
      case 'u' -> value >= 0 && value <= 0xffffffffL;
      case 'x' -> minus ? value <= 0 : value >= 0;
      default -> !minus;
    };
  }

  private String quoted() {
    char quote = text.charAt(at++);
    StringBuilder plain = new StringBuilder();
    while (at < text.length() && text.charAt(at) != quote) {
      char c = text.charAt(at++);
      if (c == '\\' && at < text.length()) {
        c =
            switch (text.charAt(at++)) {
              case 'n' -> '\n';
              case 't' -> '\t';
              default -> text.charAt(at - 1);
            };
      }
      plain.append(c);
    }
    if (at >= text.length()) {
      throw malformed("the text has no end");
    }
    at++;
    return plain.toString();
  }
}
