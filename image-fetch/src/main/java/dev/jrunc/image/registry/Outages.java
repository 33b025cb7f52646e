package dev.jrunc.image.registry;

import dev.jrunc.image.endpoint.Endpoint;
import dev.jrunc.image.failure.Reasons;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import javax.net.ssl.SSLException;

/** Why a server cannot be talked to, in words; and whether it may be different in a second. */
final class Outages {
  private Outages() {}

  /**
   * A closed port, an unknown name and a bad certificate stay as they are; a lost connection does
   * not.
   */
  static boolean isPassing(IOException failure) {
    return !(failure instanceof ConnectException)
        && !(failure instanceof UnknownHostException)
        && !(failure instanceof SSLException)
        && !(failure instanceof HttpTimeoutException);
  }

  static Outage explain(Endpoint endpoint, URI target, IOException failure) {
    String server =
        Wire.isSameServer(endpoint.base(), target)
            ? "registry " + endpoint
            : "server " + target.getRawAuthority() + " (for registry " + endpoint + ")";
    if (failure instanceof SSLException) {
      return new Outage(
          "cannot trust %s: %s; name its authority with --ca FILE".formatted(server, tls(failure)),
          failure);
    }
    return new Outage("cannot reach %s: %s".formatted(server, reason(failure)), failure);
  }

  private static String reason(IOException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException) {
        return "its name is unknown";
      }
    }
    return switch (failure) {
      case HttpConnectTimeoutException e -> "no connection in time";
      case HttpTimeoutException e -> "no answer in time";
      case ConnectException e when e.getMessage() == null -> "connection refused";
      default -> Reasons.of(failure);
    };
  }

  private static String tls(IOException failure) {
    String text = String.valueOf(failure.getMessage());
    if (text.contains("unable to find valid certification path")) {
      return "its certificate comes from an unknown authority";
    }
    if (text.contains("No subject alternative") || text.contains("No name matching")) {
      return "its certificate is for another name";
    }
    if (text.contains("Unsupported or unrecognized SSL message")) {
      return "it does not speak TLS";
    }
    return Reasons.of(failure);
  }
}
