package dev.jrunc.image.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a person looks on. */
final class Terminal {
  private Terminal() {}

  /** {@code System.console()} speaks of input and output; progress goes to the error stream. */
  static boolean isStandardError() {
    return isTerminal(2);
  }

  static boolean isStandardOutput() {
    return isTerminal(1);
  }

  private static boolean isTerminal(int descriptor) {
    try {
      Path target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor));
      return target.startsWith("/dev/pts")
          || target.startsWith("/dev/console")
          || target.toString().matches("/dev/tty[A-Za-z]*\\d*");
    } catch (IOException e) {
      return false;
    }
  }
}
