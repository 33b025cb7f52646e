package dev.jrunc.image.registry;

import dev.jrunc.image.endpoint.InsecureHosts;
import dev.jrunc.image.failure.ImageFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code HTTPS_PROXY}, {@code HTTP_PROXY} and {@code NO_PROXY}, which the JDK does not read. */
final class ProxyVariables extends ProxySelector {
  private final @Nullable URI https;
  private final @Nullable URI http;
  private final List<String> exceptions;

  ProxyVariables(Map<String, String> environment) {
    this.https = address(environment, "HTTPS_PROXY");
    this.http = address(environment, "HTTP_PROXY");
    this.exceptions = List.of(value(environment, "NO_PROXY").split("[,\\s]+", -1));
  }

  boolean any() {
    return https != null || http != null;
  }

  void configure(HttpClient.Builder builder) {
    builder.proxy(this);
    if (userOf(https) != null || userOf(http) != null) {
      // The JDK refuses Basic for CONNECT by default; the person wrote the password into the
      // variable.
      System.setProperty("jdk.http.auth.tunneling.disabledSchemes", "");
    }
  }

  /**
   * What the proxy on the way to {@code target} is to be shown; {@code null} for nothing. As a
   * header, which the JDK gives to the proxy alone: an Authenticator would make it answer the
   * challenges of registries too, and badly.
   */
  @Nullable String authorization(URI target) {
    URI proxy = proxy(target);
    String secret = userOf(proxy);
    if (secret == null) {
      return null;
    }
    String whole = secret.contains(":") ? secret : secret + ":";
    return "Basic " + Base64.getEncoder().encodeToString(whole.getBytes(StandardCharsets.UTF_8));
  }

  /** The proxy on the way to {@code target}; {@code null} for none. */
  private @Nullable URI proxy(URI target) {
    URI proxy = "http".equals(target.getScheme()) ? http : https;
    String host = String.valueOf(target.getHost());
    return proxy == null || isException(host, target.getPort()) ? null : proxy;
  }

  @Override
  public List<Proxy> select(URI target) {
    URI proxy = proxy(target);
    if (proxy == null) {
      return List.of(Proxy.NO_PROXY);
    }
    int port = proxy.getPort() >= 0 ? proxy.getPort() : 80;
    return List.of(new Proxy(Proxy.Type.HTTP, new InetSocketAddress(proxy.getHost(), port)));
  }

  @Override
  public void connectFailed(URI target, SocketAddress address, IOException failure) {
    // The request itself fails and says so.
  }

  private boolean isException(String host, int port) {
    InetAddress address = literal(host);
    if (host.equalsIgnoreCase("localhost") || (address != null && address.isLoopbackAddress())) {
      return true;
    }
    for (String written : exceptions) {
      String exception = written.toLowerCase(Locale.ROOT);
      int colon = exception.lastIndexOf(':');
      if (colon > 0 && exception.indexOf(':') == colon) {
        if (!exception.substring(colon + 1).equals(String.valueOf(port))) {
          continue;
        }
        exception = exception.substring(0, colon);
      }
      if (matches(exception, host.toLowerCase(Locale.ROOT), address)) {
        return true;
      }
    }
    return false;
  }

  private static boolean matches(String exception, String host, @Nullable InetAddress address) {
    if (exception.isEmpty()) {
      return false;
    }
    int slash = exception.indexOf('/');
    if (slash > 0) {
      return address != null && InsecureHosts.isInside(address, exception);
    }
    String suffix = exception.startsWith("*.") ? exception.substring(1) : exception;
    return suffix.equals("*")
        || host.equals(suffix)
        || host.endsWith(suffix.startsWith(".") ? suffix : "." + suffix);
  }

  private static @Nullable InetAddress literal(String host) {
    try {
      return InetAddress.ofLiteral(host.replace("[", "").replace("]", ""));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static @Nullable URI address(Map<String, String> environment, String name) {
    String value = value(environment, name);
    if (value.isEmpty()) {
      return null;
    }
    try {
      URI uri = URI.create(value.contains("://") ? value : "http://" + value);
      if (uri.getHost() != null && "http".equalsIgnoreCase(uri.getScheme())) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // Said below, without the value: it may hold a password.
    }
    throw new ImageFailure(name + " is not the address of an http proxy");
  }

  private static String value(Map<String, String> environment, String name) {
    String lower = environment.getOrDefault(name.toLowerCase(Locale.ROOT), "");
    return lower.isEmpty() ? environment.getOrDefault(name, "") : lower;
  }

  private static @Nullable String userOf(@Nullable URI proxy) {
    return proxy == null ? null : proxy.getUserInfo();
  }
}
