package dev.jrunc.runtime.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.jrunc.kernel.Errno;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.state.Clock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One line of a log. Its level, msg and time are runc's, which engines read; the rest is ours. */
final class LogLine {
  private LogLine() {}

  /**
   * The line with its end.
   *
   * @param json as an object, else as text
   */
  static String of(String level, String message, @Nullable Failure failure, boolean json) {
    return json ? json(level, message, failure) : text(level, message, failure);
  }

  static String code(Failure failure) {
    return failure.code().name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static String errno(Failure failure) {
    return failure.errno() == 0 ? "" : Errno.symbol(failure.errno());
  }

  private static String text(String level, String message, @Nullable Failure failure) {
    String first = "time=\"" + Clock.now() + "\" level=" + level + " msg=" + quoted(message);
    return first + (failure == null ? "" : words(failure)) + "\n";
  }

  private static String json(String level, String message, @Nullable Failure failure) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (JsonGenerator g = new JsonFactory().createGenerator(bytes)) {
      g.writeStartObject();
      g.writeStringField("level", level);
      g.writeStringField("msg", message);
      g.writeStringField("time", Clock.now());
      if (failure != null) {
        details(g, failure);
      }
      g.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toString(StandardCharsets.UTF_8) + "\n";
  }

  // All of them, always: whoever reads the log need not ask which are there.
  private static void details(JsonGenerator g, Failure failure) throws IOException {
    g.writeStringField("code", code(failure));
    g.writeStringField("phase", failure.phase());
    g.writeStringField("pointer", failure.pointer());
    g.writeStringField("path", failure.path());
    g.writeStringField("errno", errno(failure));
    g.writeStringField("hint", failure.hint());
  }

  private static String words(Failure failure) {
    StringBuilder text = new StringBuilder(" code=").append(code(failure));
    word(text, "phase", failure.phase());
    word(text, "pointer", failure.pointer());
    word(text, "path", failure.path());
    word(text, "errno", errno(failure));
    word(text, "hint", failure.hint());
    return text.toString();
  }

  private static void word(StringBuilder text, String name, String value) {
    if (!value.isEmpty()) {
      text.append(' ').append(name).append('=').append(quoted(value));
    }
  }

  // As Go's %q has it: what a hook prints may hold what moves a terminal's cursor.
  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case 7 -> quoted.append("\\a");
        case '\b' -> quoted.append("\\b");
        case '\t' -> quoted.append("\\t");
        case '\n' -> quoted.append("\\n");
        case 11 -> quoted.append("\\v");
        case '\f' -> quoted.append("\\f");
        case '\r' -> quoted.append("\\r");
        default -> {
          if (c < 0x20 || c == 0x7f) {
            quoted.append("\\x").append(hex(c >> 4)).append(hex(c & 15));
          } else if (c >= 0x80 && c < 0xa0) {
            quoted.append("\\u00").append(hex(c >> 4)).append(hex(c & 15));
          } else {
            quoted.append(c);
          }
        }
      }
    }
    return quoted.append('"').toString();
  }

  private static char hex(int digit) {
    return "0123456789abcdef".charAt(digit);
  }
}
