package dev.jrunc.image.auth;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** What we can show a registry. */
public sealed interface Credential {
  /** Nothing: most public images need no more. */
  record Anonymous() implements Credential {}

  /** A name and its password; {@code source} tells the person where they came from. */
  record UserPassword(String user, String password, String source) implements Credential {
    public String basic() {
      byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
      return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    @Override
    public String toString() {
      return "user \"" + user + "\" from " + source;
    }
  }

  /** An OAuth2 refresh token, as {@code docker login} leaves it for some registries. */
  record IdentityToken(String token, String source) implements Credential {
    @Override
    public String toString() {
      return "the identity token from " + source;
    }
  }

  /** A Bearer token that is ready for use. */
  record RegistryToken(String token, String source) implements Credential {
    @Override
    public String toString() {
      return "the registry token from " + source;
    }
  }
}
