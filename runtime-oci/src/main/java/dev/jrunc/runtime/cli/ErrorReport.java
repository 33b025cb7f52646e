package dev.jrunc.runtime.cli;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.Utf8;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.trace.Narration;
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
      print(LogLine.of("error", String.valueOf(failure.getMessage()), failure, true));
      return;
    }
    print("jrunc: " + sentence(failure) + "\n");
  }

  void warning(String message) {
    if (log != null && !log.isEmpty()) {
      write("warning", message, null);
    } else {
      print(
          json ? LogLine.of("warning", message, null, true) : "jrunc: warning: " + message + "\n");
    }
  }

  private static String sentence(Failure failure) {
    StringBuilder text = new StringBuilder(String.valueOf(failure.getMessage()));
    // A list of violations has the place of each.
    boolean listed =
        failure.code() == Failure.Code.INVALID_CONFIG && text.indexOf(failure.pointer()) >= 0;
    if (!failure.pointer().isEmpty() && !listed) {
      text.append(" (config.json ").append(failure.pointer()).append(')');
    }
    if (failure.code() != Failure.Code.USAGE) {
      text.append("\n  code: ").append(LogLine.code(failure));
      detail(text, "phase", failure.phase());
      detail(text, "path", failure.path());
      detail(text, "errno", LogLine.errno(failure));
    }
    text.append("\n  hint: ").append(failure.hint());
    return text.toString();
  }

  private static void detail(StringBuilder text, String name, String value) {
    if (!value.isEmpty()) {
      text.append(", ").append(name).append(": ").append(value);
    }
  }

  private void print(String text) {
    byte[] bytes = Utf8.encode(text);
    linux.streams().writeRaw(new Descriptor(linux.gate(), 2), bytes, bytes.length);
  }

  private void write(String level, String message, @Nullable Failure failure) {
    long file = open();
    if (file >= 0) {
      try (Descriptor opened = new Descriptor(linux.gate(), (int) file)) {
        byte[] line = Utf8.encode(LogLine.of(level, message, failure, json));
        long result = linux.streams().writeRaw(opened, line, line.length);
        if (result < 0) {
          cannotWrite((int) -result);
        }
      }
    }
  }

  private long open() {
    // Appended: an engine may have one log for all commands on a container.
    int flags = OpenFlags.WRONLY | OpenFlags.CREAT | OpenFlags.APPEND;
    long file = linux.files().openRaw(linux.currentDirectory(), String.valueOf(log), flags, 0644);
    if (file < 0) {
      cannotWrite((int) -file);
    }
    return file;
  }

  private void cannotWrite(int errno) {
    print("jrunc: cannot write log " + log + ": " + Errno.message(errno) + "\n");
  }

  /**
   * Begins to tell what is being done, to the log or to standard error. The descriptor is opened
   * now: the container's process can reach neither by then, and has other streams of its own.
   */
  void tellDetails() {
    Descriptor to;
    if (log == null || log.isEmpty()) {
      int aboveStreams = 3;
      to = linux.streams().duplicate(new Descriptor(linux.gate(), 2), aboveStreams);
    } else {
      long file = open();
      if (file < 0) {
        return;
      }
      to = new Descriptor(linux.gate(), (int) file);
    }
    Narration.tellTo(
        to,
        message -> {
          byte[] line = Utf8.encode(LogLine.of("debug", message, null, json));
          linux.streams().writeRaw(to, line, line.length);
        });
  }
}
