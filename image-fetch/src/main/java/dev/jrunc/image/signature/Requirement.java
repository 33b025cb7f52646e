package dev.jrunc.image.signature;

import java.security.PublicKey;
import java.util.List;

/** What a policy asks of an image. */
sealed interface Requirement {
  record Accept() implements Requirement {}

  record Reject() implements Requirement {}

  /**
   * A cosign signature by one of these keys.
   *
   * @param source where the keys come from, for messages
   */
  record Signed(List<PublicKey> keys, Identity identity, String source) implements Requirement {
    public Signed {
      keys = List.copyOf(keys);
    }
  }

  /** A kind of signature that jimage cannot check, so it does not hold. */
  record Unknown(String type) implements Requirement {}
}
