package dev.jrunc.image.registry;

import dev.jrunc.image.endpoint.Endpoint;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Decides between http and https for registries that may use either.
 *
 * <p>All others use https and nothing else. A registry on this machine is mostly a plain one, so it
 * is asked plainly first; a TLS server answers plain HTTP with 400. One that was called insecure
 * mostly has a certificate of its own making, so TLS goes first.
 */
final class SchemeChoice {
  private final Wire wire;
  private final Map<Endpoint, Endpoint> settled = new ConcurrentHashMap<>();

  SchemeChoice(Wire wire) {
    this.wire = wire;
  }

  Endpoint settle(Endpoint secure) {
    boolean insecure = secure.terms().insecure();
    if (secure.terms().written() || (!insecure && !isLocal(secure.base()))) {
      return secure;
    }
    Endpoint known = settled.get(secure);
    if (known == null) {
      known = insecure ? tlsFirst(secure) : plainFirst(secure);
      settled.put(secure, known);
    }
    return known;
  }

  /** Where neither works the first choice is kept: the real request then says what is wrong. */
  private Endpoint plainFirst(Endpoint secure) {
    Endpoint plain = secure.withScheme("http");
    try {
      return probe(plain) == 400 ? secure : plain;
    } catch (IOException e) {
      return answers(secure) ? secure : plain;
    }
  }

  private Endpoint tlsFirst(Endpoint secure) {
    Endpoint plain = secure.withScheme("http");
    return answers(secure) || !answers(plain) ? secure : plain;
  }

  private boolean answers(Endpoint endpoint) {
    try {
      probe(endpoint);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private int probe(Endpoint endpoint) throws IOException {
    HttpResponse<InputStream> response =
        wire.sendOnce(endpoint, Request.get(endpoint.root(), Map.of()));
    Bodies.discard(response);
    return response.statusCode();
  }

  private static boolean isLocal(URI base) {
    String host = String.valueOf(base.getHost());
    return host.equals("localhost")
        || host.endsWith(".localhost")
        || host.equals("127.0.0.1")
        || host.equals("[::1]");
  }
}
