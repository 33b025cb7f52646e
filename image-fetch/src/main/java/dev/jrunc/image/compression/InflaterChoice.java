package dev.jrunc.image.compression;

import dev.jrunc.image.failure.ImageFailure;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What takes gzip apart: libisal where the machine has it, and otherwise the JDK's zlib. */
final class InflaterChoice {
  /** Names one of them, for tests and for bug reports. */
  static final String VARIABLE = "JIMAGE_INFLATER";

  private InflaterChoice() {}

  // Looked for when the first gzip layer comes, once.
  private static final class Found {
    private static final Optional<IsalLibrary> LIBRARY = IsalLibrary.find(IsalLibrary.SONAME);
  }

  /** As the environment wants it. */
  static Inflation open() {
    return open(System.getenv(VARIABLE));
  }

  /**
   * @param wanted {@code jdk}, {@code libisal}, or null for the faster one that is there
   * @throws ImageFailure where it is another word, or libisal is wanted and not there
   */
  static Inflation open(@Nullable String wanted) {
    if (wanted == null) {
      return Found.LIBRARY.<Inflation>map(IsalInflation::new).orElseGet(JdkInflation::new);
    }
    return switch (wanted) {
      case "jdk" -> new JdkInflation();
      case "libisal" -> new IsalInflation(Found.LIBRARY.orElseThrow(InflaterChoice::missing));
      default ->
          throw new ImageFailure(
              VARIABLE + " is \"" + wanted + "\"; it may be jdk or libisal, or not set");
    };
  }

  private static ImageFailure missing() {
    return new ImageFailure(
        VARIABLE
            + " asks for libisal, and there is no "
            + IsalLibrary.SONAME
            + " of 2.24 or newer; install it (apt: libisal2), or unset the variable");
  }
}
