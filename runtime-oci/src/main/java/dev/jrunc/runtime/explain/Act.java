package dev.jrunc.runtime.explain;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One thing that a process will do.
 *
 * @param name the kind of act, also the phase of a failure and the name in a trace
 * @param pointer where in config.json it comes from; empty for the runtime's own acts
 * @param detail what it is done with, by name
 * @param reason why it is done, and why here; the same for all acts of a name
 */
public record Act(String name, String pointer, Map<String, String> detail, String reason) {
  public Act {
    detail = Collections.unmodifiableMap(new LinkedHashMap<>(detail));
  }

  static Act of(String name, String pointer, String reason) {
    return new Act(name, pointer, Map.of(), reason);
  }

  static Act of(String name, String pointer, String key, String value, String reason) {
    return new Act(name, pointer, Map.of(key, value), reason);
  }
}
