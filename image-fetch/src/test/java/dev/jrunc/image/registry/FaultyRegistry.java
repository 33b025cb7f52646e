package dev.jrunc.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.jrunc.image.digest.Digest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A registry on 127.0.0.1 that does what it is told wrong, and remembers what it was asked.
 *
 * <p>Faults are queued per path and each is used once; a request that finds none is served
 * properly.
 */
public final class FaultyRegistry implements AutoCloseable {
  /** Answers in place of the registry. */
  public interface Fault {
    void answer(HttpExchange exchange, byte[] content) throws IOException;
  }

  /** One request as it came. */
  public record Seen(
      String method,
      String path,
      String query,
      @Nullable String authorization,
      @Nullable String range,
      String body) {}

  private enum Login {
    NONE,
    BASIC,
    TOKEN
  }

  private record Content(String type, byte[] bytes) {}

  private final HttpServer server;
  private final Map<String, Content> content = new ConcurrentHashMap<>();
  private final Map<String, Deque<Fault>> faults = new ConcurrentHashMap<>();
  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private final String scheme;
  private volatile Login login = Login.NONE;
  private volatile boolean wrongDigests;
  private volatile String user = "";
  private volatile String realm = "";
  private int tokenNumber;
  private volatile int usesPerToken = Integer.MAX_VALUE;
  private int usesLeft;

  public FaultyRegistry() throws IOException {
    this(HttpServer.create(anyPort(), 0), "http");
  }

  public static FaultyRegistry withTls(SSLContext context) throws IOException {
    HttpsServer server = HttpsServer.create(anyPort(), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    return new FaultyRegistry(server, "https");
  }

  private FaultyRegistry(HttpServer server, String scheme) {
    this.server = server;
    this.scheme = scheme;
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::serve);
    server.start();
  }

  private static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  public String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  public String url() {
    return scheme + "://" + host();
  }

  public List<Seen> seen() {
    return List.copyOf(seen);
  }

  public List<Seen> seen(String pathPart) {
    return seen.stream().filter(request -> request.path().contains(pathPart)).toList();
  }

  public void push(String repository, String tag, TestImage image) {
    image.blobs().forEach(blob -> blob(repository, blob));
    blob(repository, image.config());
    manifest(repository, tag, image.type(), image.manifest());
  }

  public String blob(String repository, byte[] bytes) {
    String path = blobPath(repository, bytes);
    content.put(path, new Content("application/octet-stream", bytes));
    return path;
  }

  public static String blobPath(String repository, byte[] bytes) {
    return "/v2/" + repository + "/blobs/" + Digest.sha256(bytes);
  }

  public void manifest(String repository, String tag, String type, byte[] bytes) {
    content.put("/v2/" + repository + "/manifests/" + tag, new Content(type, bytes));
    content.put(
        "/v2/" + repository + "/manifests/" + Digest.sha256(bytes), new Content(type, bytes));
  }

  /** Replaces content under a path, so that it no longer is what its name says. */
  public void replace(String path, byte[] bytes) {
    content.computeIfPresent(path, (_, old) -> new Content(old.type(), bytes));
  }

  public void fail(String path, Fault... inThisOrder) {
    faults.computeIfAbsent(path, _ -> new ArrayDeque<>()).addAll(Arrays.asList(inThisOrder));
  }

  /** Forgets the faults that nobody has met yet. */
  public void healAll() {
    faults.clear();
  }

  public void wantBasic(String userAndPassword) {
    user = userAndPassword;
    login = Login.BASIC;
  }

  /** Hands tokens to anybody; with a user, only to that one. */
  public void wantTokens(String userAndPassword) {
    user = userAndPassword;
    realm = url() + "/token";
    login = Login.TOKEN;
  }

  public void realm(String address) {
    realm = address;
  }

  /** Each token dies after so many requests, as it would after a minute. */
  public void usesPerToken(int uses) {
    usesPerToken = uses;
  }

  /** Lets {@code token0} in, which nobody was given. */
  public synchronized void lendToken() {
    tokenNumber = 0;
    usesLeft = Integer.MAX_VALUE;
  }

  public synchronized void requireFreshToken() {
    tokenNumber++;
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
      seen.add(
          new Seen(
              exchange.getRequestMethod(),
              path,
              String.valueOf(exchange.getRequestURI().getQuery()),
              exchange.getRequestHeaders().getFirst("Authorization"),
              exchange.getRequestHeaders().getFirst("Range"),
              body));
      Content found = content.get(path);
      Fault fault = nextFault(path);
      if (fault != null) {
        fault.answer(exchange, found == null ? new byte[0] : found.bytes());
      } else if (path.equals("/token")) {
        token(exchange, body);
      } else if (!isWelcome(exchange)) {
        challenge(exchange);
      } else if (path.equals("/v2/")) {
        send(exchange, 200, "{}".getBytes(UTF_8));
      } else if (found == null) {
        send(exchange, 404, "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\"}]}".getBytes(UTF_8));
      } else {
        exchange.getResponseHeaders().set("Content-Type", found.type());
        if (path.contains("/manifests/") && !wrongDigests) {
          exchange
              .getResponseHeaders()
              .set("Docker-Content-Digest", Digest.sha256(found.bytes()).toString());
        } else if (path.contains("/manifests/")) {
          exchange
              .getResponseHeaders()
              .set("Docker-Content-Digest", Digest.sha256(new byte[1]).toString());
        }
        sendRange(exchange, found.bytes());
      }
    }
  }

  private @Nullable Fault nextFault(String path) {
    Deque<Fault> queue = faults.get(path);
    if (queue == null) {
      return null;
    }
    synchronized (queue) {
      return queue.pollFirst();
    }
  }

  private synchronized void token(HttpExchange exchange, String body) throws IOException {
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    boolean known =
        user.isEmpty()
            || basic(user).equals(authorization)
            || body.contains("refresh_token=identity");
    if (!known) {
      send(exchange, 401, new byte[0]);
      return;
    }
    tokenNumber++;
    usesLeft = usesPerToken;
    String answer = "{\"token\":\"token%d\",\"expires_in\":60}".formatted(tokenNumber);
    send(exchange, 200, answer.getBytes(UTF_8));
  }

  private synchronized boolean isWelcome(HttpExchange exchange) {
    String authorization = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
    return switch (login) {
      case NONE -> true;
      case BASIC -> authorization.equals(basic(user));
      case TOKEN -> authorization.equals("Bearer token" + tokenNumber) && usesLeft-- > 0;
    };
  }

  private void challenge(HttpExchange exchange) throws IOException {
    exchange
        .getResponseHeaders()
        .add(
            "WWW-Authenticate",
            login == Login.BASIC
                ? "Basic realm=\"test\""
                : "Bearer realm=\"" + realm + "\",service=\"test service\"");
    send(exchange, 401, new byte[0]);
  }

  private static String basic(String pair) {
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
  }

  /** Calls every manifest by another digest in its header. */
  public void wrongDigests() {
    wrongDigests = true;
  }

  public static void send(HttpExchange exchange, int status, byte[] bytes) throws IOException {
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    if (bytes.length > 0) {
      exchange.getResponseBody().write(bytes);
    }
  }

  public static void sendRange(HttpExchange exchange, byte[] bytes) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    if (range == null) {
      send(exchange, 200, bytes);
      return;
    }
    int from = Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
    exchange
        .getResponseHeaders()
        .set("Content-Range", "bytes " + from + "-" + (bytes.length - 1) + "/" + bytes.length);
    send(exchange, 206, Arrays.copyOfRange(bytes, from, bytes.length));
  }

  /** Promises everything, sends some, hangs up. */
  public static Fault cutAfter(int count) {
    return (exchange, bytes) -> {
      String range = exchange.getRequestHeaders().getFirst("Range");
      int from = range == null ? 0 : Integer.parseInt(range.substring(6, range.length() - 1));
      if (range != null) {
        exchange
            .getResponseHeaders()
            .set("Content-Range", "bytes " + from + "-" + (bytes.length - 1) + "/" + bytes.length);
      }
      exchange.sendResponseHeaders(range == null ? 200 : 206, bytes.length - from);
      exchange.getResponseBody().write(bytes, from, Math.min(count, bytes.length - from));
      exchange.getResponseBody().flush();
    };
  }

  /** Promises everything, sends some, and then nothing for a long time. */
  public static Fault stallAfter(int count) {
    return (exchange, bytes) -> {
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes, 0, count);
      exchange.getResponseBody().flush();
      try {
        Thread.sleep(5_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    };
  }

  public static Fault status(int status, String... headers) {
    return (exchange, _) -> {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
      }
      send(exchange, status, new byte[0]);
    };
  }

  public static Fault redirect(String target) {
    return status(307, "Location", target);
  }

  /** Knows no Range: everything from the beginning. */
  public static Fault whole() {
    return (exchange, bytes) -> send(exchange, 200, bytes);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
