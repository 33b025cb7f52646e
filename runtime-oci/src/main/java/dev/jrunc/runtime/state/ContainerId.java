package dev.jrunc.runtime.state;

import dev.jrunc.runtime.error.Failure;

/**
 * The name of a container: letters, digits and {@code _+-.}, but neither {@code .} nor {@code ..}.
 */
public record ContainerId(String text) {
  private static final int LONGEST = 1024;

  /** Refuses, in runc's words, whatever could not be the name of a folder. */
  public static ContainerId parse(String text) {
    boolean valid = !text.isEmpty() && !text.equals(".") && !text.equals("..");
    for (int i = 0; i < text.length() && valid; i++) {
      char c = text.charAt(i);
      valid =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '_'
              || c == '+'
              || c == '-'
              || c == '.';
    }
    if (!valid || text.length() > LONGEST) {
      throw Failure.of(Failure.Code.INVALID_ID, "invalid container ID format: \"" + text + "\"")
          .phase("parse id")
          .hint("letters, digits and _ + - . are allowed")
          .build();
    }
    return new ContainerId(text);
  }

  @Override
  public String toString() {
    return text;
  }
}
