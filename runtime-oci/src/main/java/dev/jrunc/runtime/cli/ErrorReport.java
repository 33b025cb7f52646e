package dev.jrunc.runtime.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.Utf8;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.state.Clock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Tells a failure: one line to the log if there is one, and in plain words to standard error. The
 * line's level, msg and time are runc's, which engines read; the rest is ours, and they ignore it.
 */
final class ErrorReport {
  private final Linux linux;
  private final @Nullable String log;
  private final boolean json;

  ErrorReport(Linux linux, @Nullable String log, boolean json) {
    this.linux = linux;
    this.log = log;
    this.json = json;
  }

  void failure(Failure failure) {
    if (log != null && !log.isEmpty()) {
      write("error", String.valueOf(failure.getMessage()), failure);
    } else if (json) {
      print(line("error", String.valueOf(failure.getMessage()), failure));
      return;
    }
    print("jrunc: " + sentence(failure) + "\n");
  }

  void warning(String message) {
    if (log != null && !log.isEmpty()) {
      write("warning", message, null);
    } else {
      print(json ? line("warning", message, null) : "jrunc: warning: " + message + "\n");
    }
  }

  private static String sentence(Failure failure) {
    StringBuilder text = new StringBuilder(String.valueOf(failure.getMessage()));
    boolean listed = failure.code() == Failure.Code.INVALID_CONFIG;
    if (!failure.pointer().isEmpty() && !listed) {
      text.append(" (config.json ").append(failure.pointer()).append(')');
    }
    if (failure.code() != Failure.Code.USAGE) {
      text.append("\n  code: ").append(code(failure));
      detail(text, "phase", failure.phase());
      detail(text, "path", failure.path());
      detail(text, "errno", errno(failure));
    }
    text.append("\n  hint: ").append(failure.hint());
    return text.toString();
  }

  private static void detail(StringBuilder text, String name, String value) {
    if (!value.isEmpty()) {
      text.append(", ").append(name).append(": ").append(value);
    }
  }

  private static String code(Failure failure) {
    return failure.code().name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String errno(Failure failure) {
    return failure.errno() == 0 ? "" : Errno.symbol(failure.errno());
  }

  private void print(String text) {
    byte[] bytes = Utf8.encode(text);
    linux.streams().writeRaw(new Descriptor(linux.gate(), 2), bytes, bytes.length);
  }

  private void write(String level, String message, @Nullable Failure failure) {
    // Appended: an engine may have one log for all commands on a container.
    int flags = OpenFlags.WRONLY | OpenFlags.CREAT | OpenFlags.APPEND;
    long file = linux.files().openRaw(linux.currentDirectory(), String.valueOf(log), flags, 0644);
    if (file < 0) {
      print("jrunc: cannot write log " + log + ": " + Errno.message((int) -file) + "\n");
      return;
    }
    try (Descriptor opened = new Descriptor(linux.gate(), (int) file)) {
      linux.streams().write(opened, line(level, message, failure));
    }
  }

  private String line(String level, String message, @Nullable Failure failure) {
    if (!json) {
      String first = "time=\"" + Clock.now() + "\" level=" + level + " msg=" + quoted(message);
      return first + (failure == null ? "" : words(failure)) + "\n";
    }
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

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        default -> quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
