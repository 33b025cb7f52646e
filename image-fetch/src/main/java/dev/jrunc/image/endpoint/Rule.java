package dev.jrunc.image.endpoint;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one configuration file says about a repository.
 *
 * @param mirrors asked before the registry, in this order
 * @param origin who is asked in place of the registry itself, or {@code null}
 * @param blocked why it must not be asked at all, or empty
 */
record Rule(List<Endpoint> mirrors, @Nullable Endpoint origin, boolean insecure, String blocked) {
  static final Rule NOTHING = new Rule(List.of(), null, false, "");

  Rule {
    mirrors = List.copyOf(mirrors);
  }

  /** Where rules come from. */
  interface Source {
    Rule about(String host, String repository);
  }
}
