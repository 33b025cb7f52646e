package dev.jrunc.image.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jrunc.image.auth.Credential;
import dev.jrunc.image.endpoint.Endpoint;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.registry.Authorizer.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Gets tokens: distribution's docs/spec/auth/token.md (GET) and oauth.md (POST).
 *
 * <p>A password goes by GET, which every token server knows, and by POST where that is refused; an
 * identity token goes by POST, the only way there is for it.
 */
final class TokenExchange {
  private static final int LARGEST_ANSWER = 1024 * 1024;
  private static final long SHORTEST_LIFE_SECONDS = 60;
  private static final long LONGEST_LIFE_SECONDS = 86_400;
  private static final Duration MARGIN = Duration.ofSeconds(5);
  private static final String CLIENT = "jimage";

  private final Wire wire;

  TokenExchange(Wire wire) {
    this.wire = wire;
  }

  /** {@code null} if the token server refuses the credential. */
  @Nullable Answer fetch(
      Endpoint endpoint, URI realm, String service, Scope scope, Credential credential) {
    return switch (credential) {
      case Credential.IdentityToken identity ->
          send(
              endpoint,
              Request.form(
                  realm,
                  form(service, scope)
                      + "&grant_type=refresh_token&refresh_token="
                      + encode(identity.token())));
      case Credential.UserPassword user -> {
        HttpResponse<InputStream> response = wire.send(endpoint, ask(realm, service, scope, user));
        if (!isOtherWay(response.statusCode())) {
          yield answer(endpoint, realm, response);
        }
        Bodies.discard(response);
        yield send(
            endpoint,
            Request.form(
                realm,
                form(service, scope)
                    + "&grant_type=password&username="
                    + encode(user.user())
                    + "&password="
                    + encode(user.password())));
      }
      default -> send(endpoint, ask(realm, service, scope, null));
    };
  }

  private @Nullable Answer send(Endpoint endpoint, Request request) {
    return answer(endpoint, request.uri(), wire.send(endpoint, request));
  }

  private @Nullable Answer answer(
      Endpoint endpoint, URI server, HttpResponse<InputStream> response) {
    int status = response.statusCode();
    if (status == 200) {
      return read(endpoint, response);
    }
    Bodies.discard(response);
    if (status == 401 || status == 403 || isOtherWay(status)) {
      return null;
    }
    throw new ImageFailure(
        "the token server \"%s\" of registry %s answers %d"
            .formatted(server.getRawAuthority(), endpoint, status));
  }

  /** It does not know this way of asking; a password that it refuses need not be sent again. */
  private static boolean isOtherWay(int status) {
    return status == 400 || status == 404 || status == 405;
  }

  private static Request ask(
      URI realm, String service, Scope scope, Credential.@Nullable UserPassword user) {
    URI address = Endpoint.query(realm, "client_id=" + CLIENT);
    if (!service.isEmpty()) {
      address = Endpoint.query(address, "service=" + encode(service));
    }
    for (String one : scope.parts()) {
      address = Endpoint.query(address, "scope=" + encode(one));
    }
    if (user == null) {
      return Request.get(address, Map.of());
    }
    address = Endpoint.query(address, "account=" + encode(user.user()));
    return Request.get(address, Map.of()).authorized(user.basic());
  }

  private static String form(String service, Scope scope) {
    return "client_id=%s&service=%s&scope=%s"
        .formatted(CLIENT, encode(service), encode(String.join(" ", scope.parts())));
  }

  /**
   * The life of a token is counted from now, not from its {@code issued_at}: two clocks that differ
   * would make every token look old. One that is older than it seems is refused, and then replaced.
   */
  private Answer read(Endpoint endpoint, HttpResponse<InputStream> response) {
    String what = "the token for registry " + endpoint;
    try {
      JsonNode tree =
          Json.object(Bodies.whole(response, LARGEST_ANSWER, what, wire.timing().stall()), what);
      String named = tree.path("token").asText();
      String token = named.isEmpty() ? tree.path("access_token").asText() : named;
      if (token.isEmpty() || token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
        throw new ImageFailure(what + " is missing in the answer of its token server");
      }
      long life = Math.max(tree.path("expires_in").asLong(0), SHORTEST_LIFE_SECONDS);
      return new Answer(
          "Bearer " + token,
          Instant.now().plusSeconds(Math.min(life, LONGEST_LIFE_SECONDS)).minus(MARGIN));
    } catch (IOException e) {
      throw Outages.explain(endpoint, response.uri(), e);
    }
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
