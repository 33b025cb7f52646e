package dev.jrunc.image.key;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.util.List;

/** Public keys, and what they say about a signature. */
public final class Keys {
  private Keys() {}

  /** A file like {@code cosign.pub}. */
  public static PublicKey read(Path file) {
    try {
      return Pem.publicKey(Files.readString(file), "\"" + file + "\"");
    } catch (IOException e) {
      throw Reasons.cannotRead(file, e);
    }
  }

  /** Whether one of the keys made the signature; cosign hashes with SHA-256, newer tools by key. */
  public static boolean anyMade(List<PublicKey> keys, byte[] content, byte[] signature) {
    for (PublicKey key : keys) {
      List<String> algorithms =
          switch (key.getAlgorithm()) {
            case "EC" -> List.of("SHA256withECDSA", "SHA384withECDSA", "SHA512withECDSA");
            case "RSA" -> List.of("SHA256withRSA", "SHA512withRSA");
            case "EdDSA", "Ed25519" -> List.of("Ed25519");
            default -> throw new ImageFailure("a key of the unknown kind " + key.getAlgorithm());
          };
      for (String algorithm : algorithms) {
        if (made(algorithm, key, content, signature)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean made(String algorithm, PublicKey key, byte[] content, byte[] signature) {
    try {
      Signature check = Signature.getInstance(algorithm);
      check.initVerify(key);
      check.update(content);
      return check.verify(signature);
    } catch (GeneralSecurityException e) {
      // What is no signature at all is none of this key.
      return false;
    }
  }
}
