package dev.jrunc.conformance.registry;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;

/**
 * Gives out the tokens that a registry asks for: everybody may pull what is not private, a user
 * with the password may do all. Speaks the token protocol of the distribution project, signed with
 * RS256.
 */
public final class TokenServer implements AutoCloseable {
  public static final String ISSUER = "demo-issuer";
  public static final String SERVICE = "demo-registry";
  public static final String USER = "demo";
  public static final String PASSWORD = "secret";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpServer server;
  private final SigningKey key;

  private TokenServer(HttpServer server, SigningKey key) {
    this.server = server;
    this.key = key;
  }

  /**
   * Listens on a free port of loopback; over TLS where the registry does, or no client trusts it.
   */
  public static TokenServer start(SigningKey key, boolean tls) throws IOException {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpServer server = HttpServer.create(address, 16);
    if (tls) {
      server.stop(0);
      HttpsServer secure = HttpsServer.create(address, 16);
      secure.setHttpsConfigurator(new HttpsConfigurator(key.serverContext()));
      server = secure;
    }
    TokenServer tokens = new TokenServer(server, key);
    tokens.server.createContext("/token", tokens::answer);
    tokens.server.start();
    return tokens;
  }

  public String realm() {
    String scheme = server instanceof HttpsServer ? "https" : "http";
    return scheme + "://127.0.0.1:" + server.getAddress().getPort() + "/token";
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      boolean known = knows(exchange.getRequestHeaders().getFirst("Authorization"));
      boolean claimed = exchange.getRequestHeaders().containsKey("Authorization");
      if (claimed && !known) {
        reply(exchange, 401, "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"wrong\"}]}");
        return;
      }
      ArrayNode access = JSON.createArrayNode();
      for (String scope : values(exchange.getRequestURI().getRawQuery(), "scope")) {
        grant(access, scope, known);
      }
      String token = token(access);
      ObjectNode body = JSON.createObjectNode();
      body.put("token", token).put("access_token", token).put("expires_in", 60);
      body.put("issued_at", Instant.now().toString());
      reply(exchange, 200, body.toString());
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private static boolean knows(@org.jspecify.annotations.Nullable String authorization) {
    String expected = USER + ":" + PASSWORD;
    byte[] bytes = expected.getBytes(StandardCharsets.UTF_8);
    return ("Basic " + Base64.getEncoder().encodeToString(bytes)).equals(authorization);
  }

  // repository:NAME:ACTION,ACTION
  private static void grant(ArrayNode access, String scope, boolean known) {
    int first = scope.indexOf(':');
    int last = scope.lastIndexOf(':');
    if (first < 0 || last == first) {
      return;
    }
    String name = scope.substring(first + 1, last);
    ObjectNode granted = access.addObject();
    granted.put("type", scope.substring(0, first)).put("name", name);
    ArrayNode actions = granted.putArray("actions");
    for (String action : List.of(scope.substring(last + 1).split(","))) {
      boolean open = action.equals("pull") && !name.startsWith("private/");
      if (known || open) {
        actions.add(action);
      }
    }
  }

  private String token(ArrayNode access) throws GeneralSecurityException {
    ObjectNode header = JSON.createObjectNode().put("typ", "JWT").put("alg", "RS256");
    header.putArray("x5c").add(Base64.getEncoder().encodeToString(key.certificate().getEncoded()));
    long now = Instant.now().getEpochSecond();
    ObjectNode claims = JSON.createObjectNode();
    claims.put("iss", ISSUER).put("aud", SERVICE).put("sub", USER);
    claims.put("iat", now - 5).put("nbf", now - 5).put("exp", now + 60);
    claims.put("jti", UUID.randomUUID().toString());
    claims.set("access", access);
    String signed = encode(header.toString()) + "." + encode(claims.toString());
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(key.privateKey());
    signature.update(signed.getBytes(StandardCharsets.UTF_8));
    return signed + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
  }

  private static String encode(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static List<String> values(@org.jspecify.annotations.Nullable String query, String name) {
    List<String> values = new ArrayList<>();
    for (String pair : (query == null ? "" : query).split("&")) {
      if (pair.startsWith(name + "=")) {
        String raw = pair.substring(name.length() + 1);
        for (String each : URLDecoder.decode(raw, StandardCharsets.UTF_8).split(" ")) {
          values.add(each);
        }
      }
    }
    return values;
  }

  private static void reply(HttpExchange exchange, int code, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(code, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
