package dev.jrunc.image.registry;

import dev.jrunc.image.endpoint.Endpoint;
import dev.jrunc.image.failure.ImageFailure;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Sends one request until there is an answer worth looking at: follows redirects, outlasts hiccups.
 */
final class Wire {
  private static final int ATTEMPTS = 5;
  private static final int REDIRECTS = 10;
  private static final int MOST_WARNINGS = 20;
  private static final Pattern WARNING = Pattern.compile("299 - \"((?:[^\"\\\\]|\\\\.)*)\"");

  private final Connections connections;
  private final Timing timing;
  private final RegistryListener listener;
  private final Set<String> warned = ConcurrentHashMap.newKeySet();

  Wire(Connections connections, Timing timing, RegistryListener listener) {
    this.connections = connections;
    this.timing = timing;
    this.listener = listener;
  }

  Timing timing() {
    return timing;
  }

  /** The answer, whatever its status; the caller closes its body. */
  HttpResponse<InputStream> send(Endpoint endpoint, Request request) {
    for (int attempt = 1; ; attempt++) {
      Duration pause = timing.backoff(attempt);
      String why;
      try {
        HttpResponse<InputStream> response = follow(endpoint, request);
        if (!isPassing(response.statusCode()) || attempt == ATTEMPTS || !request.isRepeatable()) {
          return response;
        }
        Duration asked = retryAfter(response);
        if (asked != null && asked.compareTo(timing.longestPause()) > 0) {
          return response;
        }
        pause = asked == null ? pause : asked;
        why = "answers " + response.statusCode();
        Bodies.discard(response);
      } catch (IOException e) {
        if (!Outages.isPassing(e) || attempt == ATTEMPTS || !request.isRepeatable()) {
          throw Outages.explain(endpoint, request.uri(), e);
        }
        why = "broke off the connection";
      }
      listener.notice(
          "registry %s %s, trying again in %.1f s"
              .formatted(endpoint, why, pause.toMillis() / 1000.0));
      timing.pause(pause);
    }
  }

  /** Sends without patience, to learn what a server is. */
  HttpResponse<InputStream> sendOnce(Endpoint endpoint, Request request) throws IOException {
    return once(endpoint, request, request.uri(), null);
  }

  private HttpResponse<InputStream> follow(Endpoint endpoint, Request request) throws IOException {
    URI target = request.uri();
    String authorization = request.authorization();
    for (int hop = 0; hop <= REDIRECTS; hop++) {
      HttpResponse<InputStream> response = once(endpoint, request, target, authorization);
      String location = response.headers().firstValue("location").orElse(null);
      if (!isRedirect(response.statusCode()) || location == null) {
        return response;
      }
      Bodies.discard(response);
      target = resolve(endpoint, target, location);
      DestinationRule.check(endpoint, target, "redirect");
      // distribution-spec: credentials MUST NOT follow to another host; nor do they come back.
      if (!isSameServer(request.uri(), target)) {
        authorization = null;
        if (request.isForm()) {
          throw new ImageFailure(
              "refused the redirect of \"%s\" for registry %s: a log-in must not go to \"%s\" too"
                  .formatted(request.uri().getRawAuthority(), endpoint, target.getRawAuthority()));
        }
      }
    }
    throw new ImageFailure(
        "registry %s redirects more than %d times for %s"
            .formatted(endpoint, REDIRECTS, request.uri().getPath()));
  }

  private HttpResponse<InputStream> once(
      Endpoint endpoint, Request request, URI target, @Nullable String authorization)
      throws IOException {
    HttpRequest.Builder builder = HttpRequest.newBuilder(target);
    if (isSameServer(endpoint.base(), target)) {
      endpoint.terms().headers().forEach(builder::setHeader);
    }
    request.headers().forEach(builder::setHeader);
    builder.setHeader("User-Agent", "jimage");
    if (authorization != null) {
      builder.setHeader("Authorization", authorization);
    }
    String proxy = connections.proxyAuthorization(target);
    if (proxy != null) {
      builder.setHeader("Proxy-Authorization", proxy);
    }
    try {
      HttpResponse<InputStream> response =
          exchange(connections.to(endpoint, target), builder, request);
      response.headers().allValues("warning").forEach(warning -> warn(endpoint, warning));
      return response;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImageFailure("interrupted while waiting for registry " + endpoint, e);
    }
  }

  private HttpResponse<InputStream> exchange(
      HttpClient client, HttpRequest.Builder builder, Request request)
      throws IOException, InterruptedException {
    if (request.body() == null) {
      builder.timeout(timing.answer()).method(request.method(), BodyPublishers.noBody());
      return client.send(builder.build(), BodyHandlers.ofInputStream());
    }
    WatchedBody body = new WatchedBody(request.body());
    builder.method(request.method(), body);
    CompletableFuture<HttpResponse<InputStream>> answer =
        client.sendAsync(builder.build(), BodyHandlers.ofInputStream());
    try {
      while (true) {
        Duration left = timing.answer().minus(body.idle());
        if (!left.isPositive()) {
          throw new HttpTimeoutException("no answer in time");
        }
        try {
          return answer.get(left.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
          // It may have gone on since.
        }
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
    } finally {
      answer.cancel(true);
    }
  }

  /** distribution-spec, "Warnings": only this form, shown once, and never acted on. */
  private void warn(Endpoint endpoint, String warning) {
    Matcher text = WARNING.matcher(warning);
    if (text.matches() && warned.size() < MOST_WARNINGS && warned.add(text.group(1))) {
      listener.notice(
          "registry %s warns: %s".formatted(endpoint, Refusals.shortened(text.group(1))));
    }
  }

  private static URI resolve(Endpoint endpoint, URI from, String location) {
    try {
      return from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new ImageFailure("registry " + endpoint + " redirects to an invalid address", e);
    }
  }

  static boolean isSameServer(URI one, URI other) {
    return String.valueOf(one.getHost()).equalsIgnoreCase(other.getHost())
        && port(one) == port(other)
        && String.valueOf(one.getScheme()).equalsIgnoreCase(other.getScheme());
  }

  private static int port(URI uri) {
    return uri.getPort() >= 0 ? uri.getPort() : "http".equals(uri.getScheme()) ? 80 : 443;
  }

  private static boolean isRedirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  }

  private static boolean isPassing(int status) {
    return status == 408
        || status == 429
        || status == 500
        || status == 502
        || status == 503
        || status == 504;
  }

  /** RFC 9110 section 10.2.3: seconds or a date. Anything else is as good as nothing. */
  static @Nullable Duration retryAfter(HttpResponse<?> response) {
    Optional<String> value = response.headers().firstValue("retry-after");
    if (value.isEmpty()) {
      return null;
    }
    String text = value.get().strip();
    if (text.length() <= 9 && !text.isEmpty() && text.chars().allMatch(Character::isDigit)) {
      return Duration.ofSeconds(Long.parseLong(text));
    }
    try {
      Instant date = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration wait = Duration.between(Instant.now(), date);
      return wait.isNegative() ? Duration.ZERO : wait;
    } catch (DateTimeParseException e) {
      return null;
    }
  }
}
