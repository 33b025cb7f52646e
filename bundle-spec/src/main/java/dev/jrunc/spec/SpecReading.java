package dev.jrunc.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a document.
 *
 * @param spec what it says, null if it could not be read to the end; only to be used where there
 *     are no violations
 * @param violations all that is wrong, in the order of the document
 * @param complete whether every value could be read: if there are violations, they are of rules
 *     between values, and indexes of lists are those of the document
 * @param notes what is legal and probably not meant, such as unknown properties
 */
public record SpecReading<T>(
    @Nullable T spec, List<Violation> violations, List<Violation> notes, boolean complete) {

  public SpecReading {
    violations = List.copyOf(violations);
    notes = List.copyOf(notes);
  }

  /** The value of a document without violations. */
  public T valid() {
    if (spec == null || !violations.isEmpty()) {
      throw new IllegalStateException("not valid: " + violations);
    }
    return spec;
  }
}
