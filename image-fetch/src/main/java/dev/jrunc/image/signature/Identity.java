package dev.jrunc.image.signature;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.reference.ImageReference;
import org.jspecify.annotations.Nullable;

/**
 * Which name a signature must have been made for: containers-policy.json(5), "signedIdentity".
 * Cosign writes the repository alone, so the tag of an image counts only where a rule says so.
 */
public sealed interface Identity {
  /** Any: whoever has the key may sign for every name. */
  record Any() implements Identity {}

  /** The repository that is pulled from. */
  record SameRepository() implements Identity {}

  /** The name that is pulled, with its tag; for a name with a digest the repository. */
  record SameOrDigest() implements Identity {}

  /** The name that is pulled, with its tag or digest. */
  record Same() implements Identity {}

  /** This repository, wherever the image is pulled from. */
  record Repository(String name) implements Identity {}

  /** This name, wherever the image is pulled from. */
  record Reference(String name) implements Identity {}

  /** The name that is pulled, with one beginning in place of another. */
  record Remapped(String prefix, String signedPrefix) implements Identity {}

  /**
   * Whether a signature for {@code signed} vouches for {@code image}.
   *
   * @param signed the name in the signature; {@code null} if it has none
   */
  default boolean covers(ImageReference image, @Nullable String signed) {
    if (this instanceof Any) {
      return true;
    }
    if (signed == null) {
      return false;
    }
    ImageReference name;
    try {
      name = ImageReference.parse(signed);
    } catch (ImageFailure e) {
      return false;
    }
    String repository = image.host() + "/" + image.repository();
    String own = name.host() + "/" + name.repository();
    // Of the text, since a name without a tag is read as one with "latest".
    boolean whole = signed.contains("@") || signed.lastIndexOf(':') > signed.lastIndexOf('/');
    boolean exact = whole && name.equals(image);
    return switch (this) {
      case Any any -> true;
      case SameRepository rule -> own.equals(repository);
      case SameOrDigest rule -> image.digest() == null ? exact : own.equals(repository);
      case Same rule -> exact;
      case Repository rule -> own.equals(normal(rule.name));
      case Reference rule -> whole && name.equals(ImageReference.parse(rule.name));
      case Remapped rule -> {
        String mapped =
            repository.equals(rule.prefix) || repository.startsWith(rule.prefix + "/")
                ? rule.signedPrefix + repository.substring(rule.prefix.length())
                : repository;
        boolean tag =
            image.digest() != null || (whole && java.util.Objects.equals(name.tag(), image.tag()));
        yield own.equals(mapped) && tag;
      }
    };
  }

  private static String normal(String repository) {
    ImageReference name = ImageReference.parse(repository);
    return name.host() + "/" + name.repository();
  }
}
