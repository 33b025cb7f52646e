package dev.jrunc.image.registry;

import dev.jrunc.image.auth.Challenge;
import dev.jrunc.image.auth.Credential;
import dev.jrunc.image.auth.CredentialStore;
import dev.jrunc.image.endpoint.Endpoint;
import dev.jrunc.image.failure.ImageFailure;
import java.net.URI;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Answers the challenges of registries and remembers the answers.
 *
 * <p>Nothing is sent before a registry asks for it. Tokens live for a minute or five, pulls for
 * longer: so an answer is kept until it is old or refused, and then fetched anew by one thread
 * while the others wait for it.
 */
final class Authorizer {
  /** A header, and how long it is worth sending. */
  record Answer(String header, Instant until) {
    boolean isFresh() {
      return Instant.now().isBefore(until);
    }
  }

  private static final class Slot {
    private @Nullable Answer answer;
  }

  private final TokenExchange tokens;
  private final CredentialStore credentials;
  private final Map<String, Slot> slots = new ConcurrentHashMap<>();

  Authorizer(Wire wire, CredentialStore credentials) {
    this.tokens = new TokenExchange(wire);
    this.credentials = credentials;
  }

  /** What to send right away: the last answer, if it is fresh. */
  @Nullable String current(Endpoint endpoint, Scope scope) {
    Slot slot = slot(endpoint, scope);
    synchronized (slot) {
      return slot.answer == null || !slot.answer.isFresh() ? null : slot.answer.header;
    }
  }

  /** The answer to a 401 that came although {@code sent} was shown. */
  String answer(Endpoint endpoint, Scope scope, Challenge challenge, @Nullable String sent) {
    Slot slot = slot(endpoint, scope);
    synchronized (slot) {
      Answer known = slot.answer;
      if (known != null && known.isFresh() && !known.header.equals(sent)) {
        return known.header;
      }
      Credential credential = credential(endpoint);
      Answer fresh =
          challenge.scheme().equals("basic")
              ? basic(endpoint, credential)
              : bearer(endpoint, scope.asked(challenge.parameter("scope")), challenge, credential);
      if (fresh.header.equals(sent)) {
        throw refused(endpoint, credential);
      }
      slot.answer = fresh;
      return fresh.header;
    }
  }

  ImageFailure refused(Endpoint endpoint) {
    return refused(endpoint, credential(endpoint));
  }

  private Credential credential(Endpoint endpoint) {
    return credentials.find(endpoint.registry(), endpoint.repository());
  }

  private static AccessRefused refused(Endpoint endpoint, Credential shown) {
    String what = endpoint.repository().isEmpty() ? "" : " for \"" + endpoint.repository() + "\"";
    return new AccessRefused(
        shown instanceof Credential.Anonymous
            ? "registry %s denies access to \"%s\" without credentials: it does not exist, or log in with jimage login, docker login or podman login"
                .formatted(endpoint, endpoint.repository())
            : "registry %s refused the credentials%s (%s); log in again with jimage login, docker login or podman login"
                .formatted(endpoint, what, shown));
  }

  private static Answer basic(Endpoint endpoint, Credential credential) {
    if (credential instanceof Credential.UserPassword user) {
      return new Answer(user.basic(), Instant.MAX);
    }
    throw refused(endpoint, credential);
  }

  private Answer bearer(
      Endpoint endpoint, Scope scope, Challenge challenge, Credential credential) {
    if (credential instanceof Credential.RegistryToken ready) {
      return new Answer("Bearer " + ready.token(), Instant.MAX);
    }
    URI realm = realm(endpoint, challenge);
    Answer answer =
        tokens.fetch(endpoint, realm, challenge.parameter("service"), scope, credential);
    if (answer == null) {
      throw refused(endpoint, credential);
    }
    return answer;
  }

  private static URI realm(Endpoint endpoint, Challenge challenge) {
    try {
      URI realm = URI.create(challenge.parameter("realm"));
      DestinationRule.check(endpoint, realm, "token server");
      return realm;
    } catch (IllegalArgumentException e) {
      throw new ImageFailure("registry " + endpoint + " names no valid token server", e);
    }
  }

  private Slot slot(Endpoint endpoint, Scope scope) {
    return Objects.requireNonNull(
        slots.computeIfAbsent(endpoint.base() + " " + scope.parts(), _ -> new Slot()));
  }
}
