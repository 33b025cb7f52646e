package dev.jrunc.image.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jrunc.image.auth.Challenge;
import dev.jrunc.image.auth.Credential;
import dev.jrunc.image.auth.CredentialStore;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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
 * while the others wait for it. The protocol is distribution's docs/spec/auth/token.md and
 * oauth.md.
 */
final class Authorizer {
  private static final int LARGEST_ANSWER = 1024 * 1024;
  private static final long SHORTEST_LIFE_SECONDS = 60;
  private static final Duration MARGIN = Duration.ofSeconds(5);

  private record Answer(String header, Instant until) {}

  private static final class Slot {
    private @Nullable Answer answer;
  }

  private final Wire wire;
  private final CredentialStore credentials;
  private final Map<String, Slot> slots = new ConcurrentHashMap<>();

  Authorizer(Wire wire, CredentialStore credentials) {
    this.wire = wire;
    this.credentials = credentials;
  }

  /** What to send right away: the last answer, if it is fresh. */
  @Nullable String current(Endpoint endpoint, String repository) {
    Slot slot = slot(endpoint, repository);
    synchronized (slot) {
      Answer answer = slot.answer;
      return answer == null || Instant.now().isAfter(answer.until) ? null : answer.header;
    }
  }

  /** The answer to a 401 that came although {@code sent} was shown. */
  String answer(Endpoint endpoint, String repository, Challenge challenge, @Nullable String sent) {
    Slot slot = slot(endpoint, repository);
    synchronized (slot) {
      Answer known = slot.answer;
      if (known != null && !known.header.equals(sent)) {
        return known.header;
      }
      Credential credential = credentials.find(endpoint.registry(), repository);
      Answer fresh =
          challenge.scheme().equals("basic")
              ? basic(endpoint, repository, credential)
              : bearer(endpoint, repository, challenge, credential);
      if (fresh.header.equals(sent)) {
        throw refused(endpoint, repository, credential);
      }
      slot.answer = fresh;
      return fresh.header;
    }
  }

  ImageFailure refused(Endpoint endpoint, String repository) {
    return refused(endpoint, repository, credentials.find(endpoint.registry(), repository));
  }

  private static ImageFailure refused(Endpoint endpoint, String repository, Credential shown) {
    return new ImageFailure(
        shown instanceof Credential.Anonymous
            ? "registry %s denies access to \"%s\" without credentials: it does not exist, or log in with docker login or podman login"
                .formatted(endpoint, repository)
            : "registry %s refused the credentials for \"%s\" (%s); log in again with docker login or podman login"
                .formatted(endpoint, repository, shown));
  }

  private static Answer basic(Endpoint endpoint, String repository, Credential credential) {
    if (credential instanceof Credential.UserPassword user) {
      return new Answer(user.basic(), Instant.MAX);
    }
    throw refused(endpoint, repository, credential);
  }

  private Answer bearer(
      Endpoint endpoint, String repository, Challenge challenge, Credential credential) {
    if (credential instanceof Credential.RegistryToken ready) {
      return new Answer("Bearer " + ready.token(), Instant.MAX);
    }
    URI realm = realm(endpoint, challenge);
    String scope =
        challenge.parameter("scope").isEmpty()
            ? "repository:" + repository + ":pull"
            : challenge.parameter("scope");
    String service = challenge.parameter("service");
    Request request =
        credential instanceof Credential.IdentityToken identity
            ? exchange(realm, service, scope, identity)
            : ask(realm, service, scope, credential);
    HttpResponse<InputStream> response = wire.send(endpoint, request);
    int status = response.statusCode();
    if (status == 400 || status == 401 || status == 403) {
      Bodies.discard(response);
      throw refused(endpoint, repository, credential);
    }
    if (status != 200) {
      Bodies.discard(response);
      throw new ImageFailure(
          "the token server \"%s\" of registry %s answers %d"
              .formatted(realm.getRawAuthority(), endpoint, status));
    }
    return read(endpoint, response);
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

  private static Request ask(URI realm, String service, String scope, Credential credential) {
    StringBuilder query = new StringBuilder("client_id=jimage");
    if (!service.isEmpty()) {
      query.append("&service=").append(encode(service));
    }
    for (String one : scope.split(" ", -1)) {
      query.append("&scope=").append(encode(one));
    }
    String basic = null;
    if (credential instanceof Credential.UserPassword user) {
      query.append("&account=").append(encode(user.user()));
      basic = user.basic();
    }
    String separator = realm.getRawQuery() == null ? "?" : "&";
    return Request.get(URI.create(realm + separator + query), Map.of()).authorized(basic);
  }

  private static Request exchange(
      URI realm, String service, String scope, Credential.IdentityToken identity) {
    String form =
        "grant_type=refresh_token&client_id=jimage&service=%s&scope=%s&refresh_token=%s"
            .formatted(encode(service), encode(scope), encode(identity.token()));
    return new Request(realm, Map.of(), null, form);
  }

  private static Answer read(Endpoint endpoint, HttpResponse<InputStream> response) {
    String what = "the token for registry " + endpoint;
    try {
      JsonNode tree = Json.object(Bodies.whole(response, LARGEST_ANSWER, what), what);
      String token = tree.path("token").asText(tree.path("access_token").asText());
      if (token.isEmpty() || token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
        throw new ImageFailure(what + " is missing in the answer of its token server");
      }
      long life = Math.max(tree.path("expires_in").asLong(0), SHORTEST_LIFE_SECONDS);
      return new Answer(
          "Bearer " + token, Instant.now().plusSeconds(Math.min(life, 86_400)).minus(MARGIN));
    } catch (IOException e) {
      throw Outages.explain(endpoint, response.uri(), e);
    }
  }

  private Slot slot(Endpoint endpoint, String repository) {
    return Objects.requireNonNull(
        slots.computeIfAbsent(endpoint.base() + " " + repository, _ -> new Slot()));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
