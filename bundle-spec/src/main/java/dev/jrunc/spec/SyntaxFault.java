package dev.jrunc.spec;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;

/** Says in our words where a document stops being JSON. */
final class SyntaxFault {
  private SyntaxFault() {}

  static Violation violation(JsonProcessingException fault) {
    JsonLocation location = fault.getLocation();
    int line = location == null ? 0 : location.getLineNr();
    int column = location == null ? 0 : location.getColumnNr();
    String reason = String.valueOf(fault.getOriginalMessage());
    if (reason.contains("nesting depth")) {
      return new Violation(
          "",
          line,
          column,
          "the document is nested deeper than " + JsonText.DEEPEST_NESTING + " levels",
          "");
    }
    return new Violation("", line, column, "the document is no JSON: " + shortened(reason), "");
  }

  // The parser adds where an object was opened and what it would have allowed, over several lines.
  private static String shortened(String reason) {
    String text = reason;
    for (String tail : new String[] {"\n", " (start marker at", " (for Object starting at"}) {
      int end = text.indexOf(tail);
      text = end < 0 ? text : text.substring(0, end);
    }
    return text.isEmpty() ? text : Character.toLowerCase(text.charAt(0)) + text.substring(1);
  }
}
