package dev.jrunc.runtime.cli;

import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.Separated;

/** Signals by the words people use: a number, or a name with or without SIG in any case. */
final class SignalName {
  // signal(7), x86 and ARM, from 1 on.
  private static final String NAMES =
      "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP"
          + " TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS";
  private static final int HIGHEST = 64;

  private SignalName() {}

  static int number(String word) {
    String name = upper(word);
    name = name.startsWith("SIG") ? name.substring(3) : name;
    int number = 1;
    for (String candidate : Separated.by(' ', NAMES)) {
      if (candidate.equals(name)) {
        return number;
      }
      number++;
    }
    int value = numeral(word);
    if (value < 0 || value > HIGHEST) {
      throw Failure.of(Failure.Code.USAGE, "unknown signal \"" + word + "\"")
          .phase("parse signal")
          .hint("a number from 1 to 64 or a name such as TERM")
          .build();
    }
    return value;
  }

  private static int numeral(String word) {
    int value = word.isEmpty() ? -1 : 0;
    for (int i = 0; i < word.length() && value >= 0; i++) {
      char c = word.charAt(i);
      value = c >= '0' && c <= '9' && value < 1000 ? value * 10 + c - '0' : -1;
    }
    return value;
  }

  // ASCII only: String.toUpperCase unpacks all of Unicode.
  private static String upper(String word) {
    StringBuilder upper = new StringBuilder();
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      upper.append(c >= 'a' && c <= 'z' ? (char) (c - 'a' + 'A') : c);
    }
    return upper.toString();
  }
}
