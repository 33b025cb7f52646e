package dev.jrunc.spec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Walks over a JSON document and collects what is wrong instead of stopping there. Each reader of a
 * record asks for its fields in a loop:
 *
 * <pre>{@code
 * cursor.enter();
 * for (String field; (field = cursor.field()) != null; ) {
 *   switch (field) {
 *     case "path" -> path = cursor.text();
 *     default -> cursor.unknown("path readonly");
 *   }
 * }
 * }</pre>
 *
 * <p>A field that is {@code null} counts as absent, as in Go's decoder, which engines write for; an
 * element of a list cannot be absent, so there null is refused.
 */
final class Cursor {
  // No list of a config is near this; it bounds what a hostile one costs.
  private static final int LONGEST_LIST = 1 << 18;

  private final JsonParser parser;
  private final Findings findings;
  private boolean inside;

  private final FieldNames fields = new FieldNames();
  private boolean leftAnObject;

  Cursor(JsonParser parser, Findings findings) throws IOException {
    this.parser = parser;
    this.findings = findings;
    parser.nextToken();
  }

  /** Enters the object at the current token; if it is none, {@link #field} gives no fields. */
  boolean enter() throws IOException {
    inside = parser.currentToken() == JsonToken.START_OBJECT;
    if (inside) {
      fields.enter();
    } else {
      wrongType("an object");
    }
    return inside;
  }

  /** The next field, with the cursor on its value; null at the end of the object. */
  @Nullable String field() throws IOException {
    if (!inside) {
      inside = true;
      leftAnObject = false;
      return null;
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      if (parser.nextToken() == JsonToken.VALUE_NULL) {
        continue;
      }
      if (fields.meet(name)) {
        return name;
      }
      violation("\"" + name + "\" is given twice", "remove one of the two");
      skip();
    }
    leftAnObject = true;
    fields.leave();
    return null;
  }

  /** Refuses the object that was just left unless it had {@code field}. */
  void require(String field) {
    if (leftAnObject && !fields.leftHad(field)) {
      findings.violation(
          new Violation(pointer() + "/" + field, 0, 0, "\"" + field + "\" is required", ""));
    }
  }

  /** Reads one element of a list. */
  interface Element<T> {
    @Nullable T read(Cursor cursor) throws IOException;
  }

  /** The list at the current token; elements that could not be read are left out. */
  <T> List<T> list(Element<T> element) throws IOException {
    List<T> result = new ArrayList<>();
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      wrongType("an array");
      return result;
    }
    int length = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (++length > LONGEST_LIST) {
        tooLong(length);
        continue;
      }
      T value = element.read(this);
      if (value != null) {
        result.add(value);
      }
    }
    return result;
  }

  private void tooLong(int length) throws IOException {
    if (length == LONGEST_LIST + 1) {
      violation("a list has more than " + LONGEST_LIST + " elements", "");
    }
    skip();
  }

  /** The object at the current token as a map in its order. */
  <T> Map<String, T> map(Element<T> element) throws IOException {
    Map<String, T> result = new LinkedHashMap<>();
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      wrongType("an object");
      return result;
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      if (parser.nextToken() == JsonToken.VALUE_NULL) {
        continue;
      }
      String unusable = JsonText.unusable(name);
      if (unusable != null) {
        violation(unusable, "");
      }
      if (result.containsKey(name)) {
        violation("\"" + name + "\" is given twice", "remove one of the two");
      }
      T value = element.read(this);
      if (value != null) {
        result.put(name, value);
      }
    }
    return result;
  }

  boolean isList() {
    return parser.currentToken() == JsonToken.START_ARRAY;
  }

  /** The strings at the current token; an empty one stands for each that could not be read. */
  List<String> texts() throws IOException {
    return list(Cursor::textOrEmpty);
  }

  @Nullable String text() throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      String value = parser.getText();
      String unusable = JsonText.unusable(value);
      if (unusable != null) {
        violation(unusable, "");
        return null;
      }
      return value;
    }
    wrongType("a string");
    return null;
  }

  /** As {@link #text}, with the empty string as absent: Go's encoder does not tell them apart. */
  @Nullable String optionalText() throws IOException {
    String value = text();
    return value == null || value.isEmpty() ? null : value;
  }

  /** A word out of {@code known}, which are divided by spaces. */
  String word(String what, String known) throws IOException {
    String value = text();
    if (value == null) {
      return "";
    }
    if (!NearName.isAmong(known, value)) {
      unknownValue(what, value, known);
    }
    return value;
  }

  List<String> words(String what, String known) throws IOException {
    return list(c -> c.word(what, known));
  }

  /** The string at the current token, empty where it is absent or wrong. */
  String textOrEmpty() throws IOException {
    String value = text();
    return value == null ? "" : value;
  }

  boolean flag() throws IOException {
    Boolean value = flagOrNull();
    return value != null && value;
  }

  @Nullable Boolean flagOrNull() throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> {
        wrongType("true or false");
        yield null;
      }
    };
  }

  /** A whole number from {@code least} to {@code most}, both included. */
  @Nullable Long number(long least, long most) throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      wrongType("a whole number");
      return null;
    }
    Long value = WholeNumber.signed(parser);
    if (value == null || value < least || value > most) {
      outOfRange(Long.toString(least), Long.toString(most));
      return null;
    }
    return value;
  }

  @Nullable Integer integer(int least, int most) throws IOException {
    Long value = number(least, most);
    return value == null ? null : value.intValue();
  }

  /** An unsigned number of 64 bits, kept in the bits of a long. */
  @Nullable Long unsigned() throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      wrongType("a whole number");
      return null;
    }
    Long value = WholeNumber.unsigned(parser);
    if (value == null) {
      outOfRange("0", "18446744073709551615");
    }
    return value;
  }

  /** Steps over a value that is not for this reader. */
  void skip() throws IOException {
    parser.skipChildren();
  }

  /** A property the specification does not know; it is to be ignored, but may be a slip. */
  void unknown(String known) throws IOException {
    String name = String.valueOf(parser.currentName());
    String near = NearName.among(known, name);
    fields.forget();
    findings.note(
        new Violation(
            pointer(),
            line(),
            column(),
            "unknown property \"" + name + "\" is ignored",
            near.isEmpty() ? "" : "did you mean \"" + near + "\"?"));
    skip();
  }

  /** A word that is none of {@code known}. */
  void unknownValue(String what, String value, String known) {
    violation("unknown " + what + " \"" + shortened(value) + "\"", NearName.advice(known, value));
  }

  void violation(String message, String hint) {
    findings.violation(new Violation(pointer(), line(), column(), message, hint));
  }

  private String pointer() {
    return parser.getParsingContext().pathAsPointer().toString();
  }

  private int line() {
    return parser.currentTokenLocation().getLineNr();
  }

  private int column() {
    return parser.currentTokenLocation().getColumnNr();
  }

  private void wrongType(String expected) throws IOException {
    violation("expected " + expected + " but found " + found(), "");
    skip();
  }

  private String found() throws IOException {
    if (parser.currentToken() == null) {
      return "an empty document";
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "the string \"" + shortened(parser.getText()) + "\"";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "the number " + shortened(parser.getText());
      case VALUE_TRUE, VALUE_FALSE, VALUE_NULL -> parser.getText();
      default -> "nothing";
    };
  }

  private void outOfRange(String least, String most) throws IOException {
    violation(shortened(parser.getText()) + " is not from " + least + " to " + most, "");
  }

  private static String shortened(String text) {
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }
}
