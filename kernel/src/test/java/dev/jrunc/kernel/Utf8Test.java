package dev.jrunc.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Utf8Test {
  @ParameterizedTest
  @ValueSource(strings = {"", "plain", "a\u007fb", "a\u0080b", "\u00e9t\u00e9", "\ud83d\udc33"})
  void isWhatTheClassLibrarySays(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    assertArrayEquals(bytes, Utf8.encode(text));
    assertEquals(text, Utf8.decode(bytes));
    byte[] inside = ("x" + text + "y").getBytes(StandardCharsets.UTF_8);
    assertEquals(text, Utf8.decode(inside, 1, inside.length - 2));
  }
}
