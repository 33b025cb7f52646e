package dev.jrunc.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LogLineTest {
  @Test
  void textIsQuotedAsGoQuotesIt() {
    assertEquals("\"plain: \u00e4 \u20ac\"", LogLine.quoted("plain: \u00e4 \u20ac"));
    assertEquals("\"\\\"\\\\\"", LogLine.quoted("\"\\"));
    assertEquals("\"\\a\\b\\t\\n\\v\\f\\r\"", LogLine.quoted("\u0007\b\t\n\u000b\f\r"));
    assertEquals("\"\\x00\\x1b\\x7f\"", LogLine.quoted("\0\u001b\u007f"));
    assertEquals("\"\\u0080\\u009b\"", LogLine.quoted("\u0080\u009b"));
  }
}
