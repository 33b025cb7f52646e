package dev.jrunc.conformance.registry;

import dev.jrunc.conformance.harness.Expect;
import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Debian's docker-registry on a free port of loopback. */
public final class LocalRegistry implements AutoCloseable {
  /** bcrypt of {@link TokenServer#PASSWORD}: the registry takes no other kind. */
  private static final String HASH = "$2b$04$ADFxtNEJGTcvOtRU4QkSoOkyX0XL1x/YHiKNW6v9Ecy7JClpy1qu6";

  private final Path folder;
  private final Process process;
  private final TokenServer tokens;
  private final int port;
  private final boolean tls;

  private LocalRegistry(Path folder, Process process, TokenServer tokens, int port, boolean tls) {
    this.folder = folder;
    this.process = process;
    this.tokens = tokens;
    this.port = port;
    this.tls = tls;
  }

  /** Whom it lets in, and over what. */
  private enum Form {
    TOKENS,
    TOKENS_OVER_TLS,
    PASSWORD,
    CLIENT_CERTIFICATE
  }

  /** Over plain HTTP, which clients allow on loopback, with tokens. */
  public static LocalRegistry start() throws IOException {
    return start(Form.TOKENS);
  }

  /** Over TLS, with a certificate of its own: {@link #authority}. */
  public static LocalRegistry startWithTls() throws IOException {
    return start(Form.TOKENS_OVER_TLS);
  }

  /**
   * Over plain HTTP, for the user of {@link TokenServer} with the password, by an htpasswd file.
   */
  public static LocalRegistry startWithPassword() throws IOException {
    return start(Form.PASSWORD);
  }

  /** Over TLS, for those who show the certificate {@link #client} with its key. */
  public static LocalRegistry startWithClientCertificate() throws IOException {
    return start(Form.CLIENT_CERTIFICATE);
  }

  private static LocalRegistry start(Form form) throws IOException {
    Path folder = Files.createTempDirectory("registry-");
    SigningKey key = SigningKey.make(folder, "registry");
    key.writeCertificate(folder.resolve("registry.crt"));
    key.writeKey(folder.resolve("registry.key"));
    boolean tls = form == Form.TOKENS_OVER_TLS || form == Form.CLIENT_CERTIFICATE;
    TokenServer tokens = TokenServer.start(key, tls);
    int port = freePort();
    StringBuilder text = new StringBuilder("version: 0.1\n");
    text.append("log: {level: error, accesslog: {disabled: true}}\n");
    text.append("storage: {filesystem: {rootdirectory: %s/data}, delete: {enabled: true}}\n");
    text.append("http:\n  addr: 127.0.0.1:").append(port).append('\n');
    if (tls) {
      text.append("  tls:\n    certificate: %1$s/registry.crt\n    key: %1$s/registry.key\n");
    }
    switch (form) {
      case TOKENS, TOKENS_OVER_TLS ->
          text.append("auth:\n  token:\n    realm: ")
              .append(tokens.realm())
              .append("\n    service: " + TokenServer.SERVICE)
              .append("\n    issuer: " + TokenServer.ISSUER)
              .append("\n    rootcertbundle: %1$s/registry.crt\n");
      case PASSWORD -> {
        Files.writeString(folder.resolve("htpasswd"), TokenServer.USER + ":" + HASH + "\n");
        text.append("auth:\n  htpasswd: {realm: test, path: %1$s/htpasswd}\n");
      }
      case CLIENT_CERTIFICATE -> {
        SigningKey client = SigningKey.make(folder, "client");
        client.writeCertificate(folder.resolve("client.cert"));
        client.writeKey(folder.resolve("client.key"));
        text.append("    clientcas: [%1$s/client.cert]\n");
      }
    }
    Path config = folder.resolve("config.yml");
    Files.writeString(config, text.toString().formatted(folder));
    Process process =
        new ProcessBuilder("docker-registry", "serve", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    LocalRegistry registry = new LocalRegistry(folder, process, tokens, port, tls);
    registry.awaitStart();
    return registry;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitStart() throws IOException {
    for (int i = 0; i < 200; i++) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        Expect.that(socket.isConnected(), "not connected");
        return;
      } catch (IOException notYet) {
        pause();
      }
      Expect.that(
          process.isAlive(), "docker-registry ended: " + Files.readString(folder.resolve("log")));
    }
    throw new IOException("docker-registry does not listen");
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  public int port() {
    return port;
  }

  /** Host and port, as images are named by. */
  public String host() {
    return "127.0.0.1:" + port;
  }

  public String url() {
    return (tls ? "https://" : "http://") + host();
  }

  /** Where tokens are had. */
  public String realm() {
    return tokens.realm();
  }

  /** The certificate that a client must trust where TLS is on. */
  public Path authority() {
    return folder.resolve("registry.crt");
  }

  /** The certificate that a client shows; the key lies beside it. */
  public Path client() {
    return folder.resolve("client.cert");
  }

  /** Where the registry keeps its blobs, for those who want to damage one. */
  public Path data() {
    return folder.resolve("data");
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    tokens.close();
    Sandbox.delete(folder);
  }
}
