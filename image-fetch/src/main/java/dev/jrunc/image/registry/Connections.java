package dev.jrunc.image.registry;

import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The HTTP clients, one for each way of trusting a server. */
final class Connections implements AutoCloseable {
  private static final String COMMON = "";

  private final RegistrySettings settings;
  private final Map<String, HttpClient> clients = new ConcurrentHashMap<>();

  Connections(RegistrySettings settings) {
    this.settings = settings;
  }

  boolean isInsecure(URI target) {
    return settings.insecureHosts().contains(target.getRawAuthority())
        || settings.insecureHosts().contains(String.valueOf(target.getHost()));
  }

  /**
   * Only the registry's own server profits from being called insecure, never where it points to.
   */
  HttpClient to(Endpoint endpoint, URI target) {
    boolean insecure = Wire.isSameServer(endpoint.base(), target) && isInsecure(target);
    List<Path> own = certificatesOf(target);
    String special = insecure || !own.isEmpty() ? target.getRawAuthority() + insecure : COMMON;
    // A client for plain HTTP was never told whom to trust.
    String key = target.getScheme() + " " + special;
    return clients.computeIfAbsent(key, _ -> client(target, own, insecure));
  }

  private HttpClient client(URI target, List<Path> own, boolean insecure) {
    // HTTP/1.1: every layer gets a connection of its own, which is faster than sharing one window.
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.timing().connect())
            .executor(Executors.newVirtualThreadPerTaskExecutor());
    ProxyVariables proxies = new ProxyVariables(settings.environment());
    if (proxies.any()) {
      proxies.configure(builder);
    }
    SSLContext trust = "http".equals(target.getScheme()) ? null : trust(own, insecure);
    if (trust != null) {
      builder.sslContext(trust);
    }
    return builder.build();
  }

  private @Nullable SSLContext trust(List<Path> own, boolean insecure) {
    if (insecure) {
      return Trust.everyone();
    }
    List<Path> authorities = new ArrayList<>(settings.authorities());
    authorities.addAll(own);
    return authorities.isEmpty() ? null : Trust.with(authorities);
  }

  /** {@code certs.d/HOST:PORT/*.crt}, as Docker and podman look for them. */
  private List<Path> certificatesOf(URI target) {
    for (Path folder : settings.certificateFolders()) {
      Path own = folder.resolve(String.valueOf(target.getRawAuthority()));
      if (Files.isDirectory(own)) {
        return Trust.certificatesIn(own);
      }
    }
    return List.of();
  }

  @Override
  public void close() {
    clients.values().forEach(HttpClient::shutdownNow);
  }
}
