package dev.jrunc.image.registry;

import dev.jrunc.image.endpoint.Endpoint;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.Descriptor;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One blob on its way into a registry.
 *
 * <p>A small one goes in one request. A large one goes in one stream that is closed by a second
 * request: when the stream breaks, the registry is asked how far it got, and the rest goes from
 * there. A registry that does not know gets all of it again.
 */
final class BlobUpload {
  private static final long SMALL = 256 * 1024;
  private static final int ATTEMPTS = 5;

  private final Exchange exchange;
  private final Endpoint endpoint;
  private final Descriptor blob;
  private final RegistryPush.Content content;

  BlobUpload(Exchange exchange, Endpoint endpoint, Descriptor blob, RegistryPush.Content content) {
    this.exchange = exchange;
    this.endpoint = endpoint;
    this.blob = blob;
    this.content = content;
  }

  /** Answers whether it was enough to mount it from another repository. */
  boolean run(Scope scope, @Nullable String from) {
    Scope wide = from == null ? scope : scope.reading(from);
    Timing timing = exchange.settings().timing();
    for (int attempt = 1; ; attempt++) {
      try {
        HttpResponse<InputStream> begun =
            begin(attempt == 1 ? wide : scope, attempt == 1 ? from : null);
        if (begun.statusCode() == 201) {
          Bodies.discard(begun);
          return true;
        }
        send(scope, begun);
        return false;
      } catch (Outage | Interrupted e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
        exchange
            .listener()
            .notice(
                "uploading layer %s broke off (%s), beginning again"
                    .formatted(blob.digest().brief(), e.getMessage()));
        timing.pause(timing.backoff(attempt));
      }
    }
  }

  private HttpResponse<InputStream> begin(Scope scope, @Nullable String from) {
    URI uploads = endpoint.uploads();
    if (from != null) {
      uploads = Endpoint.query(uploads, "mount=" + blob.digest());
      uploads = Endpoint.query(uploads, "from=" + URLEncoder.encode(from, StandardCharsets.UTF_8));
    }
    HttpResponse<InputStream> response =
        exchange.ask(endpoint, scope, new Request("POST", uploads, Map.of(), null, null));
    int status = response.statusCode();
    if (status != 202 && (status != 201 || from == null)) {
      throw Refusals.of(endpoint, "an upload of blob " + blob.digest(), response);
    }
    return response;
  }

  private void send(Scope scope, HttpResponse<InputStream> begun) {
    URI location = location(endpoint.uploads(), begun);
    long chunk = smallestChunk(begun);
    Bodies.discard(begun);
    if (blob.size() <= SMALL && chunk == 0) {
      finish(scope, location, 0);
      return;
    }
    long sent = 0;
    for (int failures = 0; sent < blob.size(); ) {
      HttpResponse<InputStream> response = null;
      ImageFailure failure = null;
      try {
        response = patch(scope, location, sent);
      } catch (Outage e) {
        failure = e;
      }
      if (response != null && response.statusCode() == 202) {
        location = location(location, response);
        Bodies.discard(response);
        sent = blob.size();
        continue;
      }
      failures++;
      if (response != null) {
        failure = refusal(response);
      }
      if (failures == ATTEMPTS) {
        throw failure == null ? new Interrupted("no answer", null) : failure;
      }
      exchange.settings().timing().pause(exchange.settings().timing().backoff(failures));
      Standing standing = standing(scope, location);
      if (standing == null) {
        throw new Interrupted(
            failure == null ? "no answer" : String.valueOf(failure.getMessage()), failure);
      }
      location = standing.location;
      if (standing.received > sent) {
        failures = 0;
      }
      sent = standing.received;
      exchange
          .listener()
          .notice(
              "uploading layer %s broke off, going on after %d of %d bytes"
                  .formatted(blob.digest().brief(), sent, blob.size()));
    }
    finish(scope, location, blob.size());
  }

  /** What will not be different the next time is the end. */
  private ImageFailure refusal(HttpResponse<InputStream> response) {
    int status = response.statusCode();
    boolean passing = status >= 500 || status == 408 || status == 416 || status == 429;
    ImageFailure refusal = Refusals.of(endpoint, "blob " + blob.digest(), response);
    if (!passing) {
      throw refusal;
    }
    return refusal;
  }

  private HttpResponse<InputStream> patch(Scope scope, URI location, long from) {
    Map<String, String> headers = new HashMap<>();
    headers.put("Content-Type", "application/octet-stream");
    if (from > 0) {
      headers.put("Content-Range", from + "-" + (blob.size() - 1));
    }
    return exchange.ask(endpoint, scope, new Request("PATCH", location, headers, null, body(from)));
  }

  /** The end of an upload, with the whole blob if nothing was sent before. */
  private void finish(Scope scope, URI location, long sent) {
    URI address = Endpoint.query(location, "digest=" + blob.digest());
    BodyPublisher rest = sent == blob.size() && sent > 0 ? BodyPublishers.noBody() : body(0);
    HttpResponse<InputStream> response =
        exchange.ask(
            endpoint,
            scope,
            new Request(
                "PUT", address, Map.of("Content-Type", "application/octet-stream"), null, rest));
    int status = response.statusCode();
    if (status != 201 && status != 204) {
      throw Refusals.of(endpoint, "blob " + blob.digest(), response);
    }
    Bodies.discard(response);
  }

  private BodyPublisher body(long from) {
    return blob.size() == from
        ? BodyPublishers.noBody()
        : BodyPublishers.fromPublisher(
            BodyPublishers.ofInputStream(() -> content.from(from)), blob.size() - from);
  }

  private record Standing(URI location, long received) {}

  /** How far the registry got; {@code null} if it no longer knows the upload. */
  private @Nullable Standing standing(Scope scope, URI location) {
    HttpResponse<InputStream> response =
        exchange.ask(endpoint, scope, Request.get(location, Map.of()));
    Bodies.discard(response);
    if (response.statusCode() != 204 && response.statusCode() != 202) {
      return null;
    }
    String range = response.headers().firstValue("range").orElse("");
    int dash = range.indexOf('-');
    try {
      // "0-0" is what an upload without a byte has too, so one byte counts as none.
      long last = dash < 0 ? 0 : Long.parseLong(range.substring(dash + 1).strip());
      long received = last == 0 ? 0 : last + 1;
      boolean possible = received >= 0 && received <= blob.size();
      return possible ? new Standing(location(location, response), received) : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static long smallestChunk(HttpResponse<?> begun) {
    return begun.headers().firstValueAsLong("oci-chunk-min-length").orElse(0);
  }

  /** Where an upload goes on is an order from the network, as a redirect is. */
  private URI location(URI from, HttpResponse<?> response) {
    String location = response.headers().firstValue("location").orElse("");
    try {
      URI target = location.isEmpty() ? from : from.resolve(location);
      DestinationRule.check(endpoint, target, "upload address");
      return target;
    } catch (IllegalArgumentException e) {
      throw new ImageFailure("registry " + endpoint + " names an invalid upload address", e);
    }
  }

  /** An upload that has to begin again. */
  private static final class Interrupted extends ImageFailure {
    Interrupted(String message, @Nullable Throwable cause) {
      super(message, cause == null ? new IllegalStateException(message) : cause);
    }
  }
}
