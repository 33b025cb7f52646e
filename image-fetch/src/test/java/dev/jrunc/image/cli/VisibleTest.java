package dev.jrunc.image.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.manifest.Json;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class VisibleTest {
  private static final String HOSTILE =
      "a\u001b[2J\u009b31m\u007f\u0000\n\r\t\u202ecod\u2028\ud83d\ude00\ud800 \udb40\udc41z";

  @Test
  void leavesWhatHasAShape() {
    String text = "docker.io/library/alpine:3.20 \u00fc \u4e2d \ud83d\ude00 \\";
    assertEquals(text, Visible.of(text));
  }

  @Test
  void writesTheRestAsNumbersInOneLine() {
    assertEquals(
        "a\\x1b[2J\\x9b31m\\x7f\\x00\\n\\r\\t\\u202ecod\\u2028\ud83d\ude00\\ud800 \\ue0041z",
        Visible.of(HOSTILE));
    assertEquals("a\nb\\x1b", Visible.lines("a\nb\u001b"));
  }

  @Test
  void keepsWhatJsonSays() throws IOException {
    ObjectNode tree = Json.newObject().put(HOSTILE, HOSTILE);
    String text = Visible.json(tree);
    assertEquals(text, Visible.lines(text));
    assertEquals(tree, new ObjectMapper().readTree(text));
  }
}
