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

/** Debian's docker-registry on a free port of loopback, with token authentication. */
public final class LocalRegistry implements AutoCloseable {
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

  /** Over plain HTTP, which clients allow on loopback. */
  public static LocalRegistry start() throws IOException {
    return start(false);
  }

  /** Over TLS, with a certificate of its own: {@link #authority}. */
  public static LocalRegistry startWithTls() throws IOException {
    return start(true);
  }

  private static LocalRegistry start(boolean tls) throws IOException {
    Path folder = Files.createTempDirectory("registry-");
    SigningKey key = SigningKey.make(folder, "registry");
    key.writeCertificate(folder.resolve("registry.crt"));
    key.writeKey(folder.resolve("registry.key"));
    TokenServer tokens = TokenServer.start(key, tls);
    int port = freePort();
    Path config = folder.resolve("config.yml");
    String http =
        "http:\n  addr: 127.0.0.1:"
            + port
            + (tls
                ? "\n  tls: {certificate: %1$s/registry.crt, key: %1$s/registry.key}"
                    .formatted(folder)
                : "");
    Files.writeString(
        config,
        """
        version: 0.1
        log: {level: error, accesslog: {disabled: true}}
        storage: {filesystem: {rootdirectory: %1$s/data}, delete: {enabled: true}}
        %2$s
        auth:
          token:
            realm: %3$s
            service: %4$s
            issuer: %5$s
            rootcertbundle: %1$s/registry.crt
        """
            .formatted(folder, http, tokens.realm(), TokenServer.SERVICE, TokenServer.ISSUER));
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
