package dev.jrunc.image.registry;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a token must allow: distribution's docs/spec/auth/scope.md. Some token servers look at the
 * first part alone, so the one that is needed most goes first.
 */
record Scope(List<String> parts) {
  Scope {
    parts = List.copyOf(parts);
  }

  /** No more than to know who is asking. */
  static Scope login() {
    return new Scope(List.of());
  }

  static Scope pull(String repository) {
    return new Scope(List.of("repository:" + repository + ":pull"));
  }

  static Scope push(String repository) {
    return new Scope(List.of("repository:" + repository + ":pull,push"));
  }

  /** To push to one repository what lies in another. */
  Scope reading(String other) {
    return and("repository:" + other + ":pull");
  }

  /** With what a challenge names, first. */
  Scope asked(String challenge) {
    if (challenge.isBlank()) {
      return this;
    }
    Set<String> all = new LinkedHashSet<>(List.of(challenge.strip().split("\\s+")));
    all.addAll(parts);
    return new Scope(List.copyOf(all));
  }

  private Scope and(String part) {
    Set<String> all = new LinkedHashSet<>(parts);
    all.add(part);
    return new Scope(List.copyOf(all));
  }
}
