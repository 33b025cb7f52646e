package dev.jrunc.runtime.process;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Variables as a process has them, NAME=VALUE each; see environ(7). */
public final class Environment {
  private Environment() {}

  /** The value of a variable; null where it is not set or empty. The first counts, as in getenv. */
  public static @Nullable String value(List<String> environment, String name) {
    for (String entry : environment) {
      if (entry.startsWith(name) && entry.startsWith("=", name.length())) {
        String value = entry.substring(name.length() + 1);
        return value.isEmpty() ? null : value;
      }
    }
    return null;
  }
}
