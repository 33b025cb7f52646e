package dev.jrunc.image.compression;

import org.junit.jupiter.api.Assumptions;

/** Tests of what a machine may not have. */
final class Inflaters {
  private Inflaters() {}

  static void assumeThereIs(String inflater) {
    Assumptions.assumeTrue(
        inflater.equals("jdk") || IsalLibrary.find(IsalLibrary.SONAME).isPresent(),
        "libisal2 is not installed");
  }
}
