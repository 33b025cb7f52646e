package dev.jrunc.runtime.cli;

import dev.jrunc.spec.DefaultSpec;

/** What {@code --version} prints: runc's lines, which engines look for by their first words. */
final class Version {
  static final String NUMBER = "0.1.0";

  private Version() {}

  static String text() {
    return "jrunc version "
        + NUMBER
        // A line that dockerd takes apart; the sources do not know their own commit.
        + "\ncommit: unknown\nspec: "
        + DefaultSpec.OCI_VERSION
        + "\njava: 25, compiled ahead of time\n";
  }
}
