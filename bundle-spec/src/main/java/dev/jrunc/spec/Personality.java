package dev.jrunc.spec;

import java.util.List;

/** The execution domain, see personality(2). */
public record Personality(String domain, List<String> flags) {
  public Personality {
    flags = List.copyOf(flags);
  }
}
