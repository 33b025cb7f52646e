import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A registry with TLS and tokens that holds one tiny image, for the build to rehearse a pull without a
 * network. Arguments: the key store, the layer (a tar file), the file to write the port to. It
 * ends when its input ends.
 */
final class RehearsalRegistry {
  private static final String IMAGE = "application/vnd.oci.image.";

  private final Map<String, byte[]> content = new HashMap<>();

  public static void main(String[] arguments) throws Exception {
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls(Path.of(arguments[0]))));
    RehearsalRegistry registry = new RehearsalRegistry();
    registry.fill(Files.readAllBytes(Path.of(arguments[1])));
    server.createContext("/", registry::answer);
    server.start();
    Files.writeString(Path.of(arguments[2] + ".new"), String.valueOf(server.getAddress().getPort()));
    Files.move(Path.of(arguments[2] + ".new"), Path.of(arguments[2]));
    while (System.in.read() >= 0) {
      // Wait for the end of the input.
    }
    server.stop(0);
  }

  private void fill(byte[] tar) throws Exception {
    byte[] layer = gzip(tar);
    byte[] config =
        json(
            "{'os':'linux','architecture':'%s','config':{'Cmd':['/bin/true'],'Env':['A=b']},"
                + "'rootfs':{'type':'layers','diff_ids':['%s']}}",
            System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64",
            digest(tar));
    byte[] manifest =
        json(
            "{'schemaVersion':2,'mediaType':'%smanifest.v1+json',"
                + "'config':{'mediaType':'%sconfig.v1+json','digest':'%s','size':%d},"
                + "'layers':[{'mediaType':'%slayer.v1.tar+gzip','digest':'%s','size':%d}]}",
            IMAGE,
            IMAGE,
            digest(config),
            config.length,
            IMAGE,
            digest(layer),
            layer.length);
    content.put("/v2/library/rehearsal/blobs/" + digest(layer), layer);
    content.put("/v2/library/rehearsal/blobs/" + digest(config), config);
    content.put("/v2/library/rehearsal/manifests/latest", manifest);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String host = "https://127.0.0.1:" + exchange.getLocalAddress().getPort();
    String path = exchange.getRequestURI().getPath();
    byte[] body = content.get(path);
    int status = body == null ? 404 : 200;
    if (path.equals("/token")) {
      body = json("{'token':'rehearsed','expires_in':300}");
      status = 200;
    } else if (exchange.getRequestHeaders().getFirst("Authorization") == null) {
      exchange
          .getResponseHeaders()
          .add("WWW-Authenticate", "Bearer realm=\"" + host + "/token\",service=\"rehearsal\"");
      body = null;
      status = 401;
    } else if (path.contains("/manifests/")) {
      exchange.getResponseHeaders().add("Content-Type", IMAGE + "manifest.v1+json");
    }
    exchange.sendResponseHeaders(status, body == null ? -1 : body.length);
    if (body != null) {
      exchange.getResponseBody().write(body);
    }
    exchange.close();
  }

  private static SSLContext tls(Path file) throws Exception {
    char[] password = "rehearsal".toCharArray();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      keys.load(in, password);
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    return context;
  }

  private static byte[] json(String format, Object... values) {
    return format.formatted(values).replace('\'', '"').getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(plain);
    }
    return packed.toByteArray();
  }

  private static String digest(byte[] bytes) throws Exception {
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
    return "sha256:" + HexFormat.of().formatHex(hash);
  }
}
