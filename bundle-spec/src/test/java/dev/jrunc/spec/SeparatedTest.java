package dev.jrunc.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class SeparatedTest {
  @Test
  void keepsEmptyParts() {
    assertEquals(List.of("", "a", "", "b", ""), Separated.by(':', ":a::b:"));
  }

  @Test
  void takesTextWithoutSeparatorWhole() {
    assertEquals(List.of("a b"), Separated.by(',', "a b"));
    assertEquals(List.of(""), Separated.by(',', ""));
  }
}
