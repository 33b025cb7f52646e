package dev.jrunc.image.cli;

import dev.jrunc.image.auth.Credential;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import java.io.ByteArrayOutputStream;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Where a password comes from that nobody else on the machine is to see. */
final class PasswordInput {
  private static final int LONGEST = 64 * 1024;

  private PasswordInput() {}

  /** What an option such as {@code --creds} names; without a password, that is asked for. */
  static Credential.UserPassword of(String option, String written) {
    int colon = written.indexOf(':');
    String user = colon < 0 ? written : written.substring(0, colon);
    if (user.isEmpty()) {
      throw new ImageFailure("invalid " + option + ": write NAME or NAME:PASSWORD");
    }
    String password = colon < 0 ? line("Password of " + user + ": ") : written.substring(colon + 1);
    if (password.isEmpty()) {
      throw new ImageFailure(option + " has no password for " + user);
    }
    return new Credential.UserPassword(user, password, option);
  }

  /** One line: typed without being shown, or the next of what is piped in. */
  private static String line(String question) {
    Console console = console();
    return console == null ? line(System.in) : typed(console, question);
  }

  private static String line(InputStream in) {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try {
      for (int next; (next = in.read()) >= 0 && next != '\n' && line.size() < LONGEST; ) {
        line.write(next);
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
    String text = line.toString(StandardCharsets.UTF_8);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  /** All of the input, but for the end of its last line. */
  static String all() {
    try {
      String text = new String(System.in.readNBytes(LONGEST), StandardCharsets.UTF_8);
      return text.endsWith("\r\n")
          ? text.substring(0, text.length() - 2)
          : text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  static String typed(String question) {
    return typed(terminal(), question);
  }

  private static String typed(Console console, String question) {
    char[] typed = console.readPassword("%s", question);
    return typed == null ? "" : new String(typed);
  }

  static Console terminal() {
    Console console = console();
    if (console == null) {
      throw new ImageFailure("no terminal to ask on: give --username and --password-stdin");
    }
    return console;
  }

  // JDK 22 to 24 had one without a terminal too; 25 has none again.
  @SuppressWarnings("SystemConsoleNull")
  private static @Nullable Console console() {
    Console console = System.console();
    return console != null && console.isTerminal() ? console : null;
  }

  private static ImageFailure unreadable(IOException cause) {
    return new ImageFailure("cannot read the password: " + Reasons.of(cause), cause);
  }
}
