package dev.jrunc.spec;

import org.jspecify.annotations.Nullable;

/** What a seccomp filter does with a call. */
public enum SeccompAction {
  KILL("SCMP_ACT_KILL"),
  KILL_PROCESS("SCMP_ACT_KILL_PROCESS"),
  KILL_THREAD("SCMP_ACT_KILL_THREAD"),
  TRAP("SCMP_ACT_TRAP"),
  ERRNO("SCMP_ACT_ERRNO"),
  TRACE("SCMP_ACT_TRACE"),
  ALLOW("SCMP_ACT_ALLOW"),
  LOG("SCMP_ACT_LOG"),
  NOTIFY("SCMP_ACT_NOTIFY");

  private final String wireName;

  SeccompAction(String wireName) {
    this.wireName = wireName;
  }

  /** The word in config.json. */
  public String wireName() {
    return wireName;
  }

  /** The value with this word, or null. */
  public static @Nullable SeccompAction of(String wireName) {
    for (SeccompAction value : values()) {
      if (value.wireName.equals(wireName)) {
        return value;
      }
    }
    return null;
  }
}
