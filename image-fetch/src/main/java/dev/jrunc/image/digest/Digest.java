package dev.jrunc.image.digest;

import dev.jrunc.image.failure.ImageFailure;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A checked content digest.
 *
 * <p>Image-spec, descriptor.md, "Digests". Only the two algorithms that every reader must or may
 * know are taken, with exactly their length in lower-case hex: a digest is part of paths and of
 * requests that carry credentials (CVE-2024-3727).
 */
public record Digest(Algorithm algorithm, String hex) {
  /** The registered algorithms that the JDK computes. */
  public enum Algorithm {
    SHA256("sha256", "SHA-256", 64),
    SHA512("sha512", "SHA-512", 128);

    private final String word;
    private final String standardName;
    private final int hexLength;

    Algorithm(String word, String standardName, int hexLength) {
      this.word = word;
      this.standardName = standardName;
      this.hexLength = hexLength;
    }

    /** The name in front of the colon, also the folder of an image layout. */
    public String word() {
      return word;
    }

    public MessageDigest start() {
      try {
        return MessageDigest.getInstance(standardName);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(standardName, e);
      }
    }
  }

  public Digest {
    if (hex.length() != algorithm.hexLength) {
      throw new ImageFailure(
          "digest \"%s:%s\" has %d digits, %s has %d"
              .formatted(
                  algorithm.word,
                  abbreviate(hex),
                  hex.length(),
                  algorithm.word,
                  algorithm.hexLength));
    }
    for (int i = 0; i < hex.length(); i++) {
      char c = hex.charAt(i);
      if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
        throw new ImageFailure(
            "digest \"%s:%s\" may only hold the digits 0-9 and a-f"
                .formatted(algorithm.word, abbreviate(hex)));
      }
    }
  }

  public static Digest parse(String text) {
    int colon = text.indexOf(':');
    if (colon > 0) {
      String word = text.substring(0, colon);
      for (Algorithm algorithm : Algorithm.values()) {
        if (algorithm.word.equals(word)) {
          return new Digest(algorithm, text.substring(colon + 1));
        }
      }
      throw new ImageFailure(
          "digest \"%s\" uses an unknown algorithm; sha256 and sha512 are known"
              .formatted(abbreviate(text)));
    }
    throw new ImageFailure(
        "\"%s\" is not a digest; write it as sha256:HEX".formatted(abbreviate(text)));
  }

  /** What a finished computation amounts to. */
  public static Digest of(Algorithm algorithm, MessageDigest finished) {
    return new Digest(algorithm, HexFormat.of().formatHex(finished.digest()));
  }

  public static Digest of(Algorithm algorithm, byte[] content) {
    MessageDigest computation = algorithm.start();
    computation.update(content);
    return of(algorithm, computation);
  }

  public static Digest sha256(byte[] content) {
    return of(Algorithm.SHA256, content);
  }

  /** Where a blob lies below the {@code blobs} folder of an image layout. */
  public Path relativePath() {
    return Path.of(algorithm.word, hex);
  }

  /** Enough of the digest for a person to tell it from others. */
  public String brief() {
    return hex.substring(0, 12);
  }

  // Written out, here and in other records that every command compares: what the compiler leaves to
  // the JVM is made of method handles anew at every start.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Digest digest
        && algorithm == digest.algorithm
        && hex.equals(digest.hex);
  }

  @Override
  public int hashCode() {
    return hex.hashCode();
  }

  @Override
  public String toString() {
    return algorithm.word + ":" + hex;
  }

  private static String abbreviate(String text) {
    return text.length() <= 140 ? text : text.substring(0, 140) + "...";
  }
}
