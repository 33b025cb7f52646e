package dev.jrunc.image.registry;

import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request. The headers go along on every hop of a redirect; the authorization never leaves the
 * host.
 *
 * @param form the body of a POST; without it the request is a GET
 */
record Request(
    URI uri, Map<String, String> headers, @Nullable String authorization, @Nullable String form) {
  Request {
    headers = Map.copyOf(headers);
  }

  static Request get(URI uri, Map<String, String> headers) {
    return new Request(uri, headers, null, null);
  }

  Request authorized(@Nullable String by) {
    return new Request(uri, headers, by, form);
  }

  Request without(String header) {
    Map<String, String> fewer = new HashMap<>(headers);
    fewer.remove(header);
    return new Request(uri, fewer, authorization, form);
  }
}
