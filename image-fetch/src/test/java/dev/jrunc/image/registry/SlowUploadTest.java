package dev.jrunc.image.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.jrunc.image.auth.CredentialStore;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.endpoint.Endpoints;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.reference.ImageReference;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A line that is slow is no line that stands still. */
class SlowUploadTest {
  private static final byte[] BLOB = new byte[24 << 20];
  private static final Timing TIMING =
      new Timing(
          Duration.ofSeconds(5),
          Duration.ofMillis(600),
          Duration.ofMillis(600),
          Duration.ofMillis(2),
          Duration.ofSeconds(1));

  /** It takes two seconds for what an answer may take 0.6 seconds. */
  @Test
  void goesOnAsLongAsBytesMove() throws IOException {
    AtomicInteger patches = new AtomicInteger();
    long start = System.nanoTime();
    try (Server server = new Server(patches, 80)) {
      assertEquals(RegistryPush.Outcome.UPLOADED, push(server));
    }
    assertTrue(System.nanoTime() - start > 1_200_000_000L, "it was not slow");
    assertEquals(1, patches.get(), "uploads that were begun");
  }

  @Test
  void givesUpWhereNothingMoves() throws IOException {
    try (Server server = new Server(new AtomicInteger(), 60_000)) {
      ImageFailure failure = assertThrows(ImageFailure.class, () -> push(server));
      assertTrue(
          String.valueOf(failure.getMessage()).contains("no answer in time"), failure::toString);
    }
  }

  private static RegistryPush.Outcome push(Server server) {
    RegistrySettings settings =
        new RegistrySettings(
            Endpoints.of(Map.of(), Set.of()), List.of(), List.of(), Map.of(), TIMING);
    try (RegistryClient client =
        new RegistryClient(settings, new CredentialStore(List.of()), RegistryListener.SILENT)) {
      Descriptor blob = new Descriptor("x", Digest.sha256(BLOB), BLOB.length);
      ImageReference target = ImageReference.parse(server.host() + "/demo");
      return client
          .push()
          .blob(
              target,
              blob,
              null,
              from -> new ByteArrayInputStream(BLOB, (int) from, BLOB.length - (int) from));
    }
  }

  /** Reads a MiB at a time, with pauses. */
  private static final class Server implements AutoCloseable {
    private final HttpServer server;
    private final AtomicInteger patches;
    private final int pauseMillis;

    Server(AtomicInteger patches, int pauseMillis) throws IOException {
      this.patches = patches;
      this.pauseMillis = pauseMillis;
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      server.createContext("/", this::serve);
      server.start();
    }

    String host() {
      return "127.0.0.1:" + server.getAddress().getPort();
    }

    private void serve(HttpExchange exchange) throws IOException {
      try (exchange) {
        int status =
            switch (exchange.getRequestMethod()) {
              case "POST" -> 202;
              case "PATCH" -> {
                patches.incrementAndGet();
                drain(exchange.getRequestBody());
                yield 202;
              }
              case "PUT" -> 201;
              case "GET" -> exchange.getRequestURI().getPath().equals("/v2/") ? 200 : 404;
              default -> 404;
            };
        exchange.getResponseHeaders().set("Location", "/v2/demo/blobs/uploads/1");
        exchange.sendResponseHeaders(status, -1);
      }
    }

    private void drain(InputStream body) throws IOException {
      try {
        while (body.readNBytes(1 << 20).length > 0) {
          Thread.sleep(pauseMillis);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }
}
