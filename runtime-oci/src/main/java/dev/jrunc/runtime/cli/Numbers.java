package dev.jrunc.runtime.cli;

import dev.jrunc.runtime.error.Failure;
import org.jspecify.annotations.Nullable;

/** Numbers of the command line: digits and nothing else. */
final class Numbers {
  private Numbers() {}

  /** The value, -1 if {@code word} is not all digits or too long. */
  static long digits(String word) {
    if (word.isEmpty() || word.length() > 18) {
      return -1;
    }
    long value = 0;
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      value = value * 10 + c - '0';
    }
    return value;
  }

  /** A number of descriptors and the like, {@code absent} where none was given. */
  static int small(@Nullable String word, int absent, String flag) {
    if (word == null) {
      return absent;
    }
    long value = digits(word);
    if (value < 0 || value > 65536) {
      throw Failure.of(Failure.Code.USAGE, "invalid value \"" + word + "\" for flag -" + flag)
          .phase("parse command line")
          .build();
    }
    return (int) value;
  }
}
