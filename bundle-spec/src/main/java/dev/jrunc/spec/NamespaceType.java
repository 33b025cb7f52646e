package dev.jrunc.spec;

import org.jspecify.annotations.Nullable;

/** The kinds of namespaces, see namespaces(7). */
public enum NamespaceType {
  PID("pid"),
  NETWORK("network"),
  MOUNT("mount"),
  IPC("ipc"),
  UTS("uts"),
  USER("user"),
  CGROUP("cgroup"),
  TIME("time");

  private final String wireName;

  NamespaceType(String wireName) {
    this.wireName = wireName;
  }

  /** The word in config.json. */
  public String wireName() {
    return wireName;
  }

  /** The value with this word, or null. */
  public static @Nullable NamespaceType of(String wireName) {
    for (NamespaceType value : values()) {
      if (value.wireName.equals(wireName)) {
        return value;
      }
    }
    return null;
  }
}
