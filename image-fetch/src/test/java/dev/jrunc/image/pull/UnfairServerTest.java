package dev.jrunc.image.pull;

import static dev.jrunc.image.registry.FaultyRegistry.cutAfter;
import static dev.jrunc.image.registry.FaultyRegistry.redirect;
import static dev.jrunc.image.registry.FaultyRegistry.send;
import static dev.jrunc.image.registry.FaultyRegistry.status;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.auth.CredentialStore;
import dev.jrunc.image.endpoint.Endpoints;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.Platform;
import dev.jrunc.image.reference.ImageReference;
import dev.jrunc.image.registry.FaultyRegistry;
import dev.jrunc.image.registry.RegistryClient;
import dev.jrunc.image.registry.RegistryListener;
import dev.jrunc.image.registry.RegistrySettings;
import dev.jrunc.image.registry.TestImage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers that ask for more than is theirs, give less than they promise, or never end. */
class UnfairServerTest {
  private static final byte[] TAR = TestImage.tar(3, 600_000);
  private static final byte[] PACKED = TestImage.packGzip(TAR);
  private static final String MANIFEST = "/v2/demo/manifests/latest";

  @TempDir Path folder = Path.of("unset");

  @Test
  void givesNoPasswordToWhereATokenServerRedirects() throws IOException {
    try (Pulls pulls = pulls();
        FaultyRegistry other = new FaultyRegistry()) {
      pulls.registry().wantTokens("me:secret");
      credentials(pulls.registry().host());
      pulls.registry().fail("/token", status(405), redirect(other.url() + "/token"));
      assertThrows(ImageFailure.class, () -> pulls.pull("demo"));
      assertEquals(List.of(), other.seen());
    }
  }

  @Test
  void sendsARefusedPasswordNoSecondTime() throws IOException {
    try (Pulls pulls = pulls()) {
      pulls.registry().wantTokens("somebody:else");
      credentials(pulls.registry().host());
      assertThrows(ImageFailure.class, () -> pulls.pull("demo"));
      assertTrue(
          pulls.registry().seen("/token").stream().allMatch(seen -> seen.method().equals("GET")),
          () -> pulls.registry().seen("/token").toString());
    }
  }

  @Test
  void doesNotWaitForTheRestOfARefusal() throws IOException {
    try (Pulls pulls = pulls()) {
      pulls
          .registry()
          .fail(
              MANIFEST,
              (exchange, _) -> {
                exchange.sendResponseHeaders(404, 100);
                exchange.getResponseBody().write('{');
                exchange.getResponseBody().flush();
                sleep(30_000);
              });
      assertTimeoutPreemptively(
          Duration.ofSeconds(20), () -> assertThrows(ImageFailure.class, () -> pulls.pull("demo")));
    }
  }

  @Test
  void takesAnotherWhereAMirrorsBytesAreWrong() throws IOException {
    try (Pulls pulls = pulls();
        FaultyRegistry mirror = mirror()) {
      mirror.replace(FaultyRegistry.blobPath("demo", PACKED), new byte[PACKED.length]);
      assertEquals(1, pull(mirror, pulls.registry()).layers().size());
    }
  }

  @Test
  void takesAnotherWhereAMirrorBreaksOffForGood() throws IOException {
    try (Pulls pulls = pulls();
        FaultyRegistry mirror = mirror()) {
      FaultyRegistry.Fault[] always = new FaultyRegistry.Fault[12];
      java.util.Arrays.fill(always, cutAfter(1000));
      mirror.fail(FaultyRegistry.blobPath("demo", PACKED), always);
      assertEquals(1, pull(mirror, pulls.registry()).layers().size());
    }
  }

  @Test
  void followsNoLinkToAnotherServer() throws IOException {
    try (Pulls pulls = pulls();
        FaultyRegistry other = new FaultyRegistry();
        RegistryClient client = pulls.client()) {
      pulls
          .registry()
          .fail(
              "/v2/demo/tags/list",
              (exchange, _) -> {
                String link = "<http://x//" + other.host() + "/secret>; rel=\"next\"";
                exchange.getResponseHeaders().set("Link", link);
                send(exchange, 200, "{\"tags\":[\"a\"]}".getBytes(UTF_8));
              });
      ImageReference image = ImageReference.parse(pulls.registry().host() + "/demo");
      assertThrows(ImageFailure.class, () -> client.queries().tags(image));
      assertEquals(List.of(), other.seen());
    }
  }

  @Test
  void leavesPagesThatGoInACircle() throws IOException {
    try (Pulls pulls = pulls();
        RegistryClient client = pulls.client()) {
      FaultyRegistry.Fault page =
          (exchange, _) -> {
            String link = "</v2/demo/tags/list?last=a>; rel=\"next\"";
            exchange.getResponseHeaders().set("Link", link);
            send(exchange, 200, "{\"tags\":[\"a\"]}".getBytes(UTF_8));
          };
      pulls.registry().fail("/v2/demo/tags/list", page, page, page, page);
      ImageReference image = ImageReference.parse(pulls.registry().host() + "/demo");
      ImageFailure failure = assertThrows(ImageFailure.class, () -> client.queries().tags(image));
      assertTrue(String.valueOf(failure.getMessage()).contains("circle"), failure::toString);
    }
  }

  /** The JDK's Authenticator would take the registry's own challenge for itself. */
  @Test
  void logsInBehindAProxyWithAPassword() throws IOException {
    try (FaultyRegistry proxy = mirror()) {
      proxy.wantBasic("me:secret");
      credentials("registry.test");
      RegistrySettings settings =
          new RegistrySettings(
              Endpoints.of(
                  Map.of("registry.test", List.of(URI.create("http://registry.test"))),
                  Set.of("registry.test")),
              List.of(),
              List.of(),
              Map.of("http_proxy", "http://you:word@" + proxy.host()),
              Pulls.QUICK);
      assertEquals(1, pull(settings, "registry.test/demo").layers().size());
      assertTrue(proxy.seen("/blobs/").size() >= 2, () -> proxy.seen().toString());
    }
  }

  private Pulls pulls() throws IOException {
    Pulls pulls = new Pulls(folder);
    pulls.registry().push("demo", "latest", new TestImage().gzip(TAR));
    return pulls;
  }

  private static FaultyRegistry mirror() throws IOException {
    FaultyRegistry mirror = new FaultyRegistry();
    mirror.push("demo", "latest", new TestImage().gzip(TAR));
    return mirror;
  }

  private PulledImage pull(FaultyRegistry mirror, FaultyRegistry origin) {
    RegistrySettings settings =
        new RegistrySettings(
            Endpoints.of(
                Map.of(origin.host(), List.of(URI.create(mirror.url()))), Set.of(mirror.host())),
            List.of(),
            List.of(),
            Map.of(),
            Pulls.QUICK);
    return pull(settings, origin.host() + "/demo");
  }

  private PulledImage pull(RegistrySettings settings, String name) {
    CredentialStore credentials = new CredentialStore(List.of(folder.resolve("auth.json")));
    try (RegistryClient client =
            new RegistryClient(settings, credentials, RegistryListener.SILENT);
        Pulls pulls = new Pulls(folder)) {
      return new ImagePull(client, pulls.store(), event -> {})
          .pull(new PullRequest(ImageReference.parse(name), Platform.parse("linux/amd64")));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void credentials(String host) throws IOException {
    String auth = Base64.getEncoder().encodeToString("me:secret".getBytes(UTF_8));
    Files.writeString(
        folder.resolve("auth.json"),
        "{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}".formatted(host, auth));
  }

  private static void sleep(int milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
