package dev.jrunc.image.pull;

import static dev.jrunc.image.registry.FaultyRegistry.send;
import static dev.jrunc.image.registry.FaultyRegistry.status;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.reference.ImageReference;
import dev.jrunc.image.registry.FaultyRegistry;
import dev.jrunc.image.registry.RegistryClient;
import dev.jrunc.image.registry.TestImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules for answers that a registry gives but should not, or gives in its own way. */
class RegistryRulesTest {
  private static final byte[] TOP = TestImage.tar(2, 10_000);
  private static final byte[] PACKED = TestImage.packGzip(TOP);
  private static final String MANIFEST = "/v2/demo/manifests/latest";

  @TempDir Path folder = Path.of("unset");

  @Test
  void waitsForADateToo() throws IOException {
    try (Pulls pulls = pulls()) {
      pulls.registry().fail(MANIFEST, status(429, "Retry-After", "Thu, 01 Jan 2026 00:00:00 GMT"));
      assertEquals(1, pulls.pull("demo").layers().size());
    }
  }

  @Test
  void believesItsOwnDigestAndNotTheHeader() throws IOException {
    try (Pulls pulls = pulls()) {
      pulls.registry().wrongDigests();
      Digest right = Digest.sha256(new TestImage().gzip(TOP).manifest());
      assertEquals(right, pulls.pull("demo").image().manifest().digest());
    }
  }

  @Test
  void asksByHeadBeforeItGetsAgain() throws IOException {
    try (Pulls pulls = pulls()) {
      pulls.pull("demo");
      int before = pulls.registry().seen().size();
      pulls.pull("demo");
      List<FaultyRegistry.Seen> asked =
          pulls.registry().seen().subList(before, pulls.registry().seen().size());
      assertTrue(
          asked.stream()
              .noneMatch(seen -> seen.method().equals("GET") && !seen.path().equals("/v2/")),
          asked::toString);
    }
  }

  @Test
  void sendsAPasswordByPostWhereGetIsRefused() throws IOException {
    try (Pulls pulls = pulls()) {
      pulls.registry().wantTokens("nobody:nothing");
      credentials(pulls);
      pulls
          .registry()
          .fail(
              "/token",
              status(405),
              (exchange, _) ->
                  send(exchange, 200, "{\"access_token\":\"token0\"}".getBytes(UTF_8)));
      pulls.registry().lendToken();
      pulls.pull("demo");
      FaultyRegistry.Seen posted = pulls.registry().seen("/token").get(1);
      assertEquals("POST", posted.method());
      assertTrue(
          posted.body().contains("grant_type=password&username=me&password=s%3Ac"), posted::body);
      assertTrue(posted.body().contains("scope=repository%3Ademo%3Apull"), posted::body);
      assertNull(posted.authorization());
    }
  }

  @Test
  void asksAgainWithTheScopeThatIsMissing() throws IOException {
    try (Pulls pulls = pulls()) {
      pulls.registry().wantTokens("");
      String challenge =
          "Bearer realm=\"%s/token\",service=\"s\",error=\"insufficient_scope\",scope=\"repository:demo:pull repository:other:pull\""
              .formatted(pulls.registry().url());
      pulls
          .registry()
          .fail(
              FaultyRegistry.blobPath("demo", PACKED), status(401, "WWW-Authenticate", challenge));
      pulls.pull("demo");
      FaultyRegistry.Seen last = pulls.registry().seen("/token").getLast();
      assertTrue(last.query().contains("scope=repository:other:pull"), last::query);
    }
  }

  @Test
  void listsTagsOverPagesWhateverTheHostOfTheLink() throws IOException {
    try (Pulls pulls = pulls();
        RegistryClient client = pulls.client()) {
      pulls
          .registry()
          .fail(
              "/v2/demo/tags/list",
              (exchange, _) -> {
                exchange
                    .getResponseHeaders()
                    .set(
                        "Link",
                        "<https://internal.example/v2/demo/tags/list?last=b&n=2>; rel=\"next\"");
                send(exchange, 200, "{\"tags\":[\"a\",\"b\"]}".getBytes(UTF_8));
              },
              (exchange, _) -> send(exchange, 200, "{\"tags\":[\"c\"]}".getBytes(UTF_8)));
      assertEquals(List.of("a", "b", "c"), client.queries().tags(name(pulls)));
      assertEquals("last=b&n=2", pulls.registry().seen("/tags/list").getLast().query());
    }
  }

  @Test
  void findsReferrersUnderTheTagOfTheDigest() throws IOException {
    try (Pulls pulls = pulls();
        RegistryClient client = pulls.client()) {
      Digest subject = Digest.sha256(TOP);
      assertEquals(List.of(), client.queries().referrers(name(pulls), subject, ""));
      TestImage image = new TestImage().gzip(TOP);
      pulls
          .registry()
          .manifest(
              "demo",
              "sha256-" + subject.hex(),
              "application/vnd.oci.image.index.v1+json",
              TestImage.index(image));
      Descriptor found = client.queries().referrers(name(pulls), subject, "").getFirst();
      assertEquals(Digest.sha256(image.manifest()), found.digest());
    }
  }

  @Test
  void refusesAnUploadAddressInAPlaceItCannotBe() throws IOException {
    try (Pulls pulls = pulls();
        RegistryClient client = pulls.client()) {
      pulls
          .registry()
          .fail(
              "/v2/demo/blobs/uploads/",
              status(202, "Location", "http://169.254.169.254/latest/meta-data"));
      ImageFailure failure =
          assertThrows(
              ImageFailure.class,
              () ->
                  client
                      .push()
                      .blob(
                          name(pulls),
                          new Descriptor("x", Digest.sha256(TOP), TOP.length),
                          null,
                          _ -> new ByteArrayInputStream(TOP)));
      assertTrue(String.valueOf(failure.getMessage()).contains("refused the upload address"));
    }
  }

  @Test
  void sendsNoPasswordWhereAnUploadIsSentElsewhere() throws IOException {
    try (Pulls pulls = pulls();
        FaultyRegistry other = new FaultyRegistry();
        RegistryClient client = pulls.client()) {
      pulls.registry().wantBasic("me:s:c");
      credentials(pulls);
      pulls
          .registry()
          .fail("/v2/demo/blobs/uploads/", status(202, "Location", other.url() + "/upload"));
      other.fail("/upload", status(201));
      client
          .push()
          .blob(
              name(pulls),
              new Descriptor("x", Digest.sha256(TOP), TOP.length),
              null,
              _ -> new ByteArrayInputStream(TOP));
      assertNull(other.seen("/upload").getFirst().authorization());
      assertEquals("PUT", other.seen("/upload").getFirst().method());
    }
  }

  private Pulls pulls() throws IOException {
    Pulls pulls = new Pulls(folder);
    pulls.registry().push("demo", "latest", new TestImage().gzip(TOP));
    return pulls;
  }

  private static ImageReference name(Pulls pulls) {
    return ImageReference.parse(pulls.registry().host() + "/demo");
  }

  private void credentials(Pulls pulls) throws IOException {
    String auth = Base64.getEncoder().encodeToString("me:s:c".getBytes(UTF_8));
    Files.writeString(
        folder.resolve("auth.json"),
        "{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}".formatted(pulls.registry().host(), auth));
  }
}
