package dev.jrunc.conformance.registry;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.harness.Expect;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Puts images into a {@link LocalRegistry}, by the distribution specification's push. */
public final class Pusher {
  public static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  public static final String INDEX = "application/vnd.oci.image.index.v1+json";
  private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final LocalRegistry registry;
  private final String repository;
  private final HttpClient client;
  private final String token;

  public Pusher(LocalRegistry registry, String repository) throws IOException {
    this.registry = registry;
    this.repository = repository;
    this.client = client(registry);
    this.token = token(registry.realm());
  }

  /** What pushing gave: a descriptor for an index. */
  public record Pushed(String digest, int size) {}

  /** An image of these plain layers, with a configuration that {@code change} completes. */
  public Pushed image(String tag, String architecture, List<byte[]> layers, Change change)
      throws IOException {
    ObjectNode config = JSON.createObjectNode();
    config.put("created", "2026-01-01T00:00:00Z").put("os", "linux");
    config.put("architecture", architecture);
    config.putObject("config");
    ArrayNode diffIds = config.putObject("rootfs").put("type", "layers").putArray("diff_ids");
    List<byte[]> packed = new ArrayList<>();
    for (byte[] layer : layers) {
      diffIds.add(digest(layer));
      packed.add(ImageMaker.gzip(layer));
    }
    change.apply(config);
    byte[] configBytes = JSON.writeValueAsBytes(config);
    ObjectNode manifest = JSON.createObjectNode();
    manifest.put("schemaVersion", 2).put("mediaType", MANIFEST);
    manifest.set("config", descriptor(CONFIG, configBytes));
    blob(configBytes);
    ArrayNode list = manifest.putArray("layers");
    for (byte[] layer : packed) {
      list.add(descriptor(LAYER, layer));
      blob(layer);
    }
    return manifest(tag, MANIFEST, JSON.writeValueAsBytes(manifest));
  }

  /** Anything with a manifest: the blobs, and the manifest as it is. */
  public Pushed artifact(String tag, byte[] manifest, List<byte[]> blobs) throws IOException {
    for (byte[] each : blobs) {
      blob(each);
    }
    return manifest(tag, MANIFEST, manifest);
  }

  /** An index as it is. */
  public Pushed rawIndex(String tag, byte[] index) throws IOException {
    return manifest(tag, INDEX, index);
  }

  /** Completes an image's configuration. */
  public interface Change {
    void apply(ObjectNode configuration);
  }

  /** An index over images for several architectures, in this order. */
  public Pushed index(String tag, List<String> architectures, List<Pushed> images)
      throws IOException {
    ObjectNode index = JSON.createObjectNode();
    index.put("schemaVersion", 2).put("mediaType", INDEX);
    ArrayNode list = index.putArray("manifests");
    for (int i = 0; i < images.size(); i++) {
      ObjectNode entry = list.addObject();
      entry.put("mediaType", MANIFEST).put("digest", images.get(i).digest());
      entry.put("size", images.get(i).size());
      entry.putObject("platform").put("os", "linux").put("architecture", architectures.get(i));
    }
    return manifest(tag, INDEX, JSON.writeValueAsBytes(index));
  }

  private Pushed manifest(String tag, String type, byte[] content) throws IOException {
    String reference = tag.isEmpty() ? digest(content) : tag;
    HttpRequest request =
        request("/manifests/" + reference)
            .header("Content-Type", type)
            .PUT(BodyPublishers.ofByteArray(content))
            .build();
    expect(201, send(request));
    return new Pushed(digest(content), content.length);
  }

  private void blob(byte[] content) throws IOException {
    HttpResponse<String> begun =
        send(request("/blobs/uploads/").POST(BodyPublishers.noBody()).build());
    expect(202, begun);
    String location = begun.headers().firstValue("Location").orElseThrow();
    String separator = location.contains("?") ? "&" : "?";
    URI target =
        URI.create(registry.url()).resolve(location + separator + "digest=" + digest(content));
    HttpRequest put =
        HttpRequest.newBuilder(target)
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/octet-stream")
            .PUT(BodyPublishers.ofByteArray(content))
            .build();
    expect(201, send(put));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(registry.url() + "/v2/" + repository + path))
        .header("Authorization", "Bearer " + token);
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException {
    try {
      return client.send(request, BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private static void expect(int code, HttpResponse<String> response) {
    Expect.that(
        response.statusCode() == code,
        response.uri() + " answered " + response.statusCode() + ": " + response.body());
  }

  private String token(String realm) throws IOException {
    String scope = "repository:" + repository + ":pull,push";
    String credentials = TokenServer.USER + ":" + TokenServer.PASSWORD;
    byte[] bytes = credentials.getBytes(StandardCharsets.UTF_8);
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(realm + "?service=" + TokenServer.SERVICE + "&scope=" + scope))
            .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(bytes))
            .build();
    HttpResponse<String> response = send(request);
    expect(200, response);
    return JSON.readTree(response.body()).path("token").asText();
  }

  private static ObjectNode descriptor(String type, byte[] content) {
    return JSON.createObjectNode()
        .put("mediaType", type)
        .put("digest", digest(content))
        .put("size", content.length);
  }

  /** The sha256 digest in its written form. */
  public static String digest(byte[] content) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
      return "sha256:" + HexFormat.of().formatHex(hash);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static HttpClient client(LocalRegistry registry) throws IOException {
    HttpClient.Builder builder = HttpClient.newBuilder();
    if (registry.url().startsWith("https")) {
      builder.sslContext(trusting(registry));
    }
    return builder.build();
  }

  private static SSLContext trusting(LocalRegistry registry) throws IOException {
    try (var in = java.nio.file.Files.newInputStream(registry.authority())) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setCertificateEntry(
          "registry", CertificateFactory.getInstance("X.509").generateCertificate(in));
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }
}
