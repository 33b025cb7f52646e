package dev.jrunc.image.registry;

import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request. The headers go along on every hop of a redirect; the authorization never leaves the
 * host, nor does a form.
 *
 * @param body can be sent more than once; none for a request without
 */
record Request(
    String method,
    URI uri,
    Map<String, String> headers,
    @Nullable String authorization,
    @Nullable BodyPublisher body) {
  private static final String FORM = "application/x-www-form-urlencoded";

  Request {
    headers = Map.copyOf(headers);
  }

  static Request get(URI uri, Map<String, String> headers) {
    return new Request("GET", uri, headers, null, null);
  }

  static Request head(URI uri, Map<String, String> headers) {
    return new Request("HEAD", uri, headers, null, null);
  }

  static Request form(URI uri, String content) {
    Map<String, String> type = Map.of("Content-Type", FORM);
    return new Request("POST", uri, type, null, BodyPublishers.ofString(content));
  }

  /** Whether the body is a log-in, which is for nobody but the server that was asked. */
  boolean isForm() {
    return FORM.equals(headers.get("Content-Type"));
  }

  Request authorized(@Nullable String by) {
    return new Request(method, uri, headers, by, body);
  }

  /** With headers that a server's terms demand; those of the request itself win. */
  Request with(Map<String, String> more) {
    if (more.isEmpty()) {
      return this;
    }
    Map<String, String> all = new HashMap<>(more);
    all.putAll(headers);
    return new Request(method, uri, all, authorization, body);
  }

  /** Whether it may be sent again without knowing what became of it. */
  boolean isRepeatable() {
    return !method.equals("PATCH");
  }
}
