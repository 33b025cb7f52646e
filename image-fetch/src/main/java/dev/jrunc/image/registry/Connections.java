package dev.jrunc.image.registry;

import dev.jrunc.image.endpoint.Endpoint;
import dev.jrunc.image.endpoint.Terms;
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
  // The client reads 16 KiB at a time unless told so before it is loaded; handing these over from
  // thread to thread took a third of a pull's processor time.
  static {
    String buffer = "jdk.httpclient.bufsize";
    if (System.getProperty(buffer) == null) {
      System.setProperty(buffer, String.valueOf(256 * 1024));
    }
  }

  private final RegistrySettings settings;
  private final ProxyVariables proxies;
  private final Map<Trusting, HttpClient> clients = new ConcurrentHashMap<>();

  /**
   * Who may share a client.
   *
   * @param authority the server, where it is trusted in a way of its own; empty for all others
   */
  private record Trusting(String scheme, String authority, Terms terms) {}

  Connections(RegistrySettings settings) {
    this.settings = settings;
    this.proxies = new ProxyVariables(settings.environment());
  }

  /** What goes along for the proxy on the way to {@code target}; {@code null} for nothing. */
  @Nullable String proxyAuthorization(URI target) {
    return proxies.authorization(target);
  }

  /**
   * Only the registry's own server profits from its terms, never where it points to: that one is
   * trusted as any other server of its name.
   */
  HttpClient to(Endpoint endpoint, URI target) {
    boolean own = Wire.isSameServer(endpoint.base(), target);
    Terms terms = own ? endpoint.terms() : Terms.COMMON;
    Path folder = folderOf(target);
    boolean special =
        terms.insecure()
            || folder != null
            || !terms.authorities().isEmpty()
            || !terms.clients().isEmpty();
    // A client for plain HTTP was never told whom to trust.
    Trusting trusting =
        new Trusting(
            target.getScheme(),
            special ? target.getRawAuthority() : "",
            special ? terms : Terms.COMMON);
    return clients.computeIfAbsent(trusting, _ -> client(target, folder, terms));
  }

  private HttpClient client(URI target, @Nullable Path folder, Terms terms) {
    // HTTP/1.1: every layer gets a connection of its own, which is faster than sharing one window.
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.timing().connect())
            .executor(Executors.newVirtualThreadPerTaskExecutor());
    if (proxies.any()) {
      proxies.configure(builder);
    }
    SSLContext trust = "http".equals(target.getScheme()) ? null : trust(folder, terms);
    if (trust != null) {
      builder.sslContext(trust);
    }
    return builder.build();
  }

  private @Nullable SSLContext trust(@Nullable Path folder, Terms terms) {
    List<Path> authorities = new ArrayList<>(settings.authorities());
    authorities.addAll(terms.authorities());
    List<Terms.ClientFiles> shown = new ArrayList<>(terms.clients());
    if (folder != null) {
      authorities.addAll(CertificateFolder.authorities(folder));
      shown.addAll(CertificateFolder.clients(folder));
    }
    return authorities.isEmpty() && shown.isEmpty() && !terms.insecure()
        ? null
        : Trust.context(authorities, shown, terms.insecure());
  }

  /** {@code certs.d/HOST:PORT}, as Docker and podman look for it. */
  private @Nullable Path folderOf(URI target) {
    for (Path folder : settings.certificateFolders()) {
      Path own = folder.resolve(String.valueOf(target.getRawAuthority()));
      if (Files.isDirectory(own)) {
        return own;
      }
    }
    return null;
  }

  @Override
  public void close() {
    clients.values().forEach(HttpClient::shutdownNow);
  }
}
