package dev.jrunc.spec;

import org.jspecify.annotations.Nullable;

/** Where a container stands in its life. */
public enum ContainerStatus {
  CREATING("creating"),
  CREATED("created"),
  RUNNING("running"),
  PAUSED("paused"),
  STOPPED("stopped");

  private final String wireName;

  ContainerStatus(String wireName) {
    this.wireName = wireName;
  }

  /** The word in config.json. */
  public String wireName() {
    return wireName;
  }

  /** The value with this word, or null. */
  public static @Nullable ContainerStatus of(String wireName) {
    for (ContainerStatus value : values()) {
      if (value.wireName.equals(wireName)) {
        return value;
      }
    }
    return null;
  }
}
