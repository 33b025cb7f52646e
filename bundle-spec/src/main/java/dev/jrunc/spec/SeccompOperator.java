package dev.jrunc.spec;

import org.jspecify.annotations.Nullable;

/** How an argument is compared. */
public enum SeccompOperator {
  NOT_EQUAL("SCMP_CMP_NE"),
  LESS("SCMP_CMP_LT"),
  LESS_OR_EQUAL("SCMP_CMP_LE"),
  EQUAL("SCMP_CMP_EQ"),
  GREATER_OR_EQUAL("SCMP_CMP_GE"),
  GREATER("SCMP_CMP_GT"),
  MASKED_EQUAL("SCMP_CMP_MASKED_EQ");

  private final String wireName;

  SeccompOperator(String wireName) {
    this.wireName = wireName;
  }

  /** The word in config.json. */
  public String wireName() {
    return wireName;
  }

  /** The value with this word, or null. */
  public static @Nullable SeccompOperator of(String wireName) {
    for (SeccompOperator value : values()) {
      if (value.wireName.equals(wireName)) {
        return value;
      }
    }
    return null;
  }
}
