package dev.jrunc.image.tree;

import java.util.List;

/**
 * A difference between a tree and what ought to be there.
 *
 * @param path its bytes, each a character of ISO-8859-1; empty for the root
 * @param fields that are another, for what changed
 */
public record Drift(Kind kind, String path, List<String> fields) {
  /** What happened to the file. */
  public enum Kind {
    MISSING,
    ADDED,
    CHANGED
  }

  public Drift {
    fields = List.copyOf(fields);
  }
}
