package dev.jrunc.image.pull;

import static dev.jrunc.image.registry.FaultyRegistry.cutAfter;
import static dev.jrunc.image.registry.FaultyRegistry.redirect;
import static dev.jrunc.image.registry.FaultyRegistry.stallAfter;
import static dev.jrunc.image.registry.FaultyRegistry.status;
import static dev.jrunc.image.registry.FaultyRegistry.whole;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.auth.CredentialStore;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.endpoint.Endpoints;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.MediaTypes;
import dev.jrunc.image.manifest.Platform;
import dev.jrunc.image.reference.ImageReference;
import dev.jrunc.image.registry.FaultyRegistry;
import dev.jrunc.image.registry.FaultyRegistry.Seen;
import dev.jrunc.image.registry.RegistryClient;
import dev.jrunc.image.registry.RegistryListener;
import dev.jrunc.image.registry.RegistrySettings;
import dev.jrunc.image.registry.TestImage;
import dev.jrunc.image.registry.Timing;
import dev.jrunc.image.store.ImageContent;
import dev.jrunc.image.store.ImageStore;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pulls against a registry that makes faults; the store is looked at after each. */
class ImagePullTest {
  private static final Timing QUICK =
      new Timing(
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          Duration.ofMillis(400),
          Duration.ofMillis(2),
          Duration.ofSeconds(3));
  private static final Platform AMD64 = Platform.parse("linux/amd64");
  private static final byte[] BASE = TestImage.tar(1, 600_000);
  private static final byte[] TOP = TestImage.tar(2, 10_000);

  @TempDir Path folder = Path.of("unset");
  private @Nullable FaultyRegistry started;
  private final Map<String, List<URI>> mirrors = new HashMap<>();

  @BeforeEach
  void start() throws IOException {
    started = new FaultyRegistry();
  }

  @AfterEach
  void stop() {
    registry().close();
  }

  @Nested
  class Content {
    @Test
    void takesEveryPackingOfLayersAndTheSameLayerTwice() throws IOException {
      registry().push("demo", "latest", new TestImage().gzip(BASE).zstd(TOP).plain(TOP).gzip(BASE));
      PulledImage pulled = pull("demo");
      assertEquals(4, pulled.layers().size());
      ImageStore store = store();
      for (var layer : pulled.layers()) {
        try (InputStream stored = store.open(layer)) {
          assertEquals(layer.size(), stored.readAllBytes().length);
        }
      }
      assertEquals(host("demo:latest"), store.lastPulled().name());
      assertEquals(List.of(), temporaries());
    }

    @Test
    void takesDockersTypesAndTypesThatLieAboutThePacking() throws IOException {
      registry().push("demo", "latest", new TestImage().docker().gzip(BASE));
      assertEquals(MediaTypes.DOCKER_MANIFEST, pull("demo").image().manifest().mediaType());
      TestImage lying =
          new TestImage()
              .layer("application/vnd.oci.image.layer.v1.tar", TestImage.packGzip(TOP), TOP);
      registry().push("demo", "lying", lying);
      assertEquals(1, pull("demo:lying").layers().size());
    }

    @Test
    void choosesThePlatformOfAnIndexInAnIndex() throws IOException {
      TestImage arm = new TestImage().architecture("arm64").gzip(TOP);
      TestImage amd = new TestImage().gzip(BASE);
      registry().push("demo", "arm", arm);
      registry().push("demo", "amd", amd);
      registry().manifest("demo", "multi", MediaTypes.OCI_INDEX, TestImage.index(arm, amd));
      assertEquals("linux/amd64", pull("demo:multi").image().platform().toString());
      PulledImage other =
          pull(new PullRequest(name("demo:multi"), Platform.parse("linux/arm64/v8")));
      assertEquals("linux/arm64", other.image().platform().toString());
      assertFails(
          "it offers linux/arm64, linux/amd64",
          new PullRequest(name("demo:multi"), Platform.parse("linux/riscv64")));
      assertFails(
          "is for linux/arm64, not for linux/amd64", new PullRequest(name("demo:arm"), AMD64));
    }

    @Test
    void fetchesNothingThatIsThereAndSharesLayers() throws IOException {
      registry().push("demo", "latest", new TestImage().gzip(BASE));
      pull("demo");
      registry().push("demo", "next", new TestImage().gzip(BASE).gzip(TOP));
      PulledImage next = pull("demo:next");
      assertEquals(TestImage.packGzip(TOP).length, next.fetchedBytes());
      assertEquals(0, pull("demo").fetchedBytes());
    }

    @Test
    void pullsByDigestAndVerifiesTheManifest() throws IOException {
      TestImage image = new TestImage().gzip(TOP);
      registry().push("demo", "latest", image);
      String digest = Digest.sha256(image.manifest()).toString();
      assertEquals(host("demo@" + digest), pull("demo:tag@" + digest).image().name());
      registry().replace("/v2/demo/manifests/" + digest, new TestImage().gzip(BASE).manifest());
      store().remove(host("demo@" + digest));
      assertFails("has the wrong content", "demo@" + digest);
    }

    @Test
    void refusesABlobWithAnotherContent() {
      registry().push("demo", "latest", new TestImage().gzip(BASE).gzip(TOP));
      byte[] tampered = TestImage.packGzip(BASE);
      tampered[tampered.length / 2] ^= 1;
      registry().replace(blob(BASE), tampered);
      assertFails("has the wrong content: its digest is", "demo");
    }

    @Test
    void refusesWhatIsNoImage() {
      registry().manifest("demo", "old", "text/html", "<html>".getBytes(UTF_8));
      assertFails("is not valid JSON", "demo:old");
      String artifact =
          new String(new TestImage().gzip(TOP).manifest(), UTF_8)
              .replace(MediaTypes.OCI_CONFIG, "application/vnd.example");
      registry().manifest("demo", "artifact", MediaTypes.OCI_MANIFEST, artifact.getBytes(UTF_8));
      assertFails("is no container image", "demo:artifact");
    }

    // CVE-2020-1702, CVE-2023-25153: documents are held in memory, so they have a largest size.
    @Test
    void refusesAManifestWithoutEnd() {
      registry().manifest("demo", "huge", MediaTypes.OCI_MANIFEST, new byte[5 * 1024 * 1024]);
      assertFails("is larger than 4194304 bytes", "demo:huge");
    }
  }

  @Nested
  class Login {
    @Test
    void takesATokenForNothing() throws IOException {
      registry().push("a/demo", "latest", new TestImage().gzip(TOP));
      registry().wantTokens("");
      pull("a/demo");
      List<Seen> asked = registry().seen("/token");
      assertEquals(1, asked.size());
      assertTrue(asked.get(0).query().contains("scope=repository:a/demo:pull"));
      assertTrue(asked.get(0).query().contains("service=test"));
      assertNull(asked.get(0).authorization());
    }

    @Test
    void showsStoredCredentialsToTheTokenServer() throws IOException {
      registry().push("demo", "latest", new TestImage().gzip(TOP));
      registry().wantTokens("me:secret");
      assertFails("denies access to \"demo\" without credentials", "demo");
      credentials("me:wrong", "");
      assertFails("refused the credentials for \"demo\" (user \"me\" from", "demo");
      credentials("me:secret", "");
      assertEquals(1, pull("demo").layers().size());
    }

    @Test
    void tradesAnIdentityTokenByPost() throws IOException {
      registry().push("demo", "latest", new TestImage().gzip(TOP));
      registry().wantTokens("me:secret");
      credentials("me:", "identity");
      pull("demo");
      Seen asked = registry().seen("/token").get(0);
      assertEquals("POST", asked.method());
      assertTrue(asked.body().contains("grant_type=refresh_token"));
      assertNull(asked.authorization());
    }

    @Test
    void takesBasic() throws IOException {
      registry().push("demo", "latest", new TestImage().gzip(TOP));
      registry().wantBasic("me:secret");
      assertFails("without credentials", "demo");
      credentials("me:wrong", "");
      assertFails("refused the credentials", "demo");
      credentials("me:secret", "");
      assertEquals(1, pull("demo").layers().size());
    }

    @Test
    void fetchesANewTokenInTheMiddleOfALayer() throws IOException {
      registry().push("demo", "latest", new TestImage().gzip(BASE));
      registry().wantTokens("");
      registry()
          .fail(
              blob(BASE),
              (exchange, bytes) -> {
                registry().requireFreshToken();
                cutAfter(50_000).answer(exchange, bytes);
              });
      pull("demo");
      assertTrue(registry().seen("/token").size() >= 2);
      assertTrue(registry().seen(blob(BASE)).stream().anyMatch(seen -> seen.range() != null));
    }

    @Test
    void outlivesTokensThatServeOnce() throws IOException {
      registry().push("demo", "latest", new TestImage().gzip(TOP));
      registry().wantTokens("");
      registry().usesPerToken(1);
      assertEquals(1, pull("demo").layers().size());
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "http://169.254.169.254/token",
          "http://[fe80::1]/token",
          "ftp://127.0.0.1/token",
          "http://me:pw@127.0.0.1/token"
        })
    void refusesTokenServersInPlacesTheyCannotBe(String realm) {
      registry().push("demo", "latest", new TestImage().gzip(TOP));
      registry().wantTokens("");
      registry().realm(realm);
      assertFails("refused the token server", "demo");
    }
  }

  @Nested
  class Network {
    // CVE-2020-15157: a token went to whoever the registry named.
    @Test
    void keepsItsAuthorizationFromOtherServers() throws IOException {
      try (FaultyRegistry other = new FaultyRegistry()) {
        registry().push("demo", "latest", new TestImage().gzip(BASE));
        registry().wantTokens("");
        other.blob("demo", TestImage.packGzip(BASE));
        other.fail(blob(BASE), cutAfter(70_000));
        registry()
            .fail(
                blob(BASE),
                status(401, "WWW-Authenticate", "Bearer realm=\"" + registry().url() + "/token\""));
        registry()
            .fail(
                blob(BASE), redirect(other.url() + blob(BASE)), redirect(other.url() + blob(BASE)));
        pull("demo");
        assertEquals(2, other.seen(blob(BASE)).size());
        other.seen().forEach(seen -> assertNull(seen.authorization()));
        assertTrue(String.valueOf(other.seen().get(1).range()).startsWith("bytes="));
      }
    }

    @Test
    void givesUpOnRedirectsWithoutEnd() {
      registry().push("demo", "latest", new TestImage().gzip(TOP));
      FaultyRegistry.Fault[] round = new FaultyRegistry.Fault[20];
      Arrays.fill(round, redirect("/v2/demo/manifests/latest"));
      registry().fail("/v2/demo/manifests/latest", round);
      assertFails("redirects more than 10 times", "demo");
    }

    @Test
    void refusesARedirectIntoTheLink() {
      registry().push("demo", "latest", new TestImage().gzip(TOP));
      registry().fail(blob(TOP), redirect("http://169.254.169.254/latest/meta-data?sig=secret"));
      String message = assertFails("it is a link-local address", "demo");
      assertFalse(message.contains("secret"), message);
    }

    @Test
    void goesOnWhereAConnectionDropped() throws IOException {
      registry().push("demo", "latest", new TestImage().gzip(BASE));
      registry().fail(blob(BASE), cutAfter(60_000), cutAfter(1), cutAfter(0));
      pull("demo");
      List<Seen> requests = registry().seen(blob(BASE));
      assertEquals(4, requests.size());
      assertEquals("bytes=60001-", requests.get(3).range());
    }

    @Test
    void startsOverWhereRangeIsNotKnown() throws IOException {
      registry().push("demo", "latest", new TestImage().gzip(BASE));
      registry().fail(blob(BASE), cutAfter(60_000), whole());
      pull("demo");
      registry().push("demo", "two", new TestImage().gzip(TOP));
      registry().fail(blob(TOP), cutAfter(500), status(416), cutAfter(800), status(400));
      assertEquals(1, pull("demo:two").layers().size());
    }

    @Test
    void startsOverWhenTheRangeIsAnother() throws IOException {
      registry().push("demo", "latest", new TestImage().gzip(BASE));
      registry()
          .fail(
              blob(BASE),
              cutAfter(60_000),
              (exchange, bytes) -> {
                exchange.getResponseHeaders().set("Content-Range", "bytes 0-9/10");
                FaultyRegistry.send(exchange, 206, Arrays.copyOf(bytes, 10));
              });
      assertEquals(1, pull("demo").layers().size());
    }

    @Test
    void leavesAServerThatStalls() throws IOException {
      registry().push("demo", "latest", new TestImage().gzip(BASE));
      registry().fail(blob(BASE), stallAfter(40_000));
      assertEquals(1, pull("demo").layers().size());
    }

    @Test
    void saysThatABlobIsTruncated() {
      registry().push("demo", "latest", new TestImage().gzip(BASE));
      FaultyRegistry.Fault[] cuts = new FaultyRegistry.Fault[60];
      Arrays.fill(cuts, cutAfter(0));
      registry().fail(blob(BASE), cutAfter(5000));
      registry().fail(blob(BASE), cuts);
      assertFails("is truncated: registry " + registry().host() + " breaks off after 5000", "demo");
    }

    @Test
    void refusesABlobOfAnotherSizeBeforeReadingIt() {
      registry().push("demo", "latest", new TestImage().gzip(BASE));
      registry().replace(blob(BASE), new byte[10]);
      assertFails("has the wrong size", "demo");
    }

    @Test
    void outlastsHiccupsAndWaitsAsLongAsAsked() throws IOException {
      registry().push("demo", "latest", new TestImage().gzip(TOP));
      registry().fail("/v2/demo/manifests/latest", status(503), status(429, "Retry-After", "1"));
      long start = System.nanoTime();
      pull("demo");
      assertTrue(System.nanoTime() - start >= 1_000_000_000L);
      assertEquals(3, registry().seen("/manifests/").size());
    }

    @Test
    void doesNotWaitForHours() {
      registry().push("demo", "latest", new TestImage().gzip(TOP));
      registry().fail("/v2/demo/manifests/latest", status(429, "Retry-After", "7200"));
      assertFails("allows no more requests for now; it asks to wait until or for 7200", "demo");
    }

    @Test
    void saysWhatIsUnknownAndWhatIsUnreachable() {
      assertFails("image \"" + host("none:latest") + "\" does not exist in registry", "none");
      registry().push("demo", "latest", new TestImage().gzip(TOP));
      registry().close();
      assertFails("cannot reach registry " + registry().host() + ": connection refused", "demo");
    }

    @Test
    void asksMirrorsFirstAndFallsBack() throws IOException {
      try (FaultyRegistry mirror = new FaultyRegistry()) {
        registry().push("demo", "latest", new TestImage().gzip(TOP));
        mirrors.put(registry().host(), List.of(URI.create(mirror.url())));
        pull("demo");
        // The manifest, the configuration and the layer: a mirror need not have everything.
        assertEquals(3, mirror.seen().size());
        mirror.push("demo", "two", new TestImage().gzip(TOP));
        int before = registry().seen().size();
        pull("demo:two");
        assertEquals(before, registry().seen().size());
      }
    }
  }

  private FaultyRegistry registry() {
    return Objects.requireNonNull(started);
  }

  private String host(String name) {
    return registry().host() + "/" + name;
  }

  private ImageReference name(String name) {
    return ImageReference.parse(host(name));
  }

  private static String blob(byte[] tar) {
    return FaultyRegistry.blobPath("demo", TestImage.packGzip(tar));
  }

  private ImageStore store() {
    return new ImageStore(folder.resolve("store"));
  }

  private PulledImage pull(String name) {
    return pull(new PullRequest(name(name), null));
  }

  private PulledImage pull(PullRequest request) {
    RegistrySettings settings =
        new RegistrySettings(
            Endpoints.of(mirrors, Set.of()), List.of(), List.of(), Map.of(), QUICK);
    CredentialStore credentials = new CredentialStore(List.of(folder.resolve("auth.json")));
    try (RegistryClient client =
        new RegistryClient(settings, credentials, RegistryListener.SILENT)) {
      PullRequest onAmd64 =
          request.platform() == null ? new PullRequest(request.image(), AMD64) : request;
      PulledImage pulled = new ImagePull(client, store(), _ -> {}).pull(onAmd64);
      ImageContent content = store().content(store().find(request.image().toString()));
      assertArrayEquals(pulled.layers().toArray(), content.manifest().layers().toArray());
      return pulled;
    }
  }

  private String assertFails(String reason, String name) {
    String message = assertFails(reason, new PullRequest(name(name), null));
    assertEquals(0, store().images().size());
    return message;
  }

  private String assertFails(String reason, PullRequest request) {
    List<Path> before = files();
    ImageFailure failure = assertThrows(ImageFailure.class, () -> pull(request));
    String message = String.valueOf(failure.getMessage());
    assertTrue(message.contains(reason), message);
    assertEquals(before, files(), "the store changed");
    return message;
  }

  private List<Path> temporaries() {
    return files().stream().filter(file -> file.toString().contains(".tmp")).toList();
  }

  private List<Path> files() {
    if (!Files.exists(folder.resolve("store"))) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(folder.resolve("store"))) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !file.endsWith(".lock") && !file.toString().contains("/.partial/"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void credentials(String pair, String identity) throws IOException {
    String auth = Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
    Files.writeString(
        folder.resolve("auth.json"),
        "{\"auths\":{\"%s\":{\"auth\":\"%s\",\"identitytoken\":\"%s\"}}}"
            .formatted(registry().host(), auth, identity));
  }
}
