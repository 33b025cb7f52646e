package dev.jrunc.image.pull;

import static dev.jrunc.image.registry.FaultyRegistry.cutAfter;
import static dev.jrunc.image.registry.FaultyRegistry.redirect;
import static dev.jrunc.image.registry.FaultyRegistry.stallAfter;
import static dev.jrunc.image.registry.FaultyRegistry.status;
import static dev.jrunc.image.registry.FaultyRegistry.whole;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.registry.FaultyRegistry;
import dev.jrunc.image.registry.FaultyRegistry.Seen;
import dev.jrunc.image.registry.TestImage;
import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Redirects, drops, stalls and mirrors. */
class PullNetworkTest extends PullTest {
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
          .fail(blob(BASE), redirect(other.url() + blob(BASE)), redirect(other.url() + blob(BASE)));
      pull("demo");
      assertEquals(2, other.seen(blob(BASE)).size());
      other.seen().forEach(seen -> assertNull(seen.authorization()));
      assertTrue(String.valueOf(other.seen().get(1).range()).startsWith("bytes="));
    }
  }

  // What a storage service is redirected to is signed for a few minutes; then it answers with 403.
  @Test
  void asksTheRegistryAgainWhereAnAddressHasExpired() throws IOException {
    try (FaultyRegistry other = new FaultyRegistry()) {
      other.push("demo", "latest", new TestImage().gzip(BASE));
      other.fail(blob(BASE), cutAfter(60_000), status(403));
      registry().push("demo", "latest", new TestImage().gzip(BASE));
      String first = other.url() + blob(BASE) + "?sig=first";
      String next = other.url() + blob(BASE) + "?sig=next";
      registry().fail(blob(BASE), redirect(first), redirect(first), redirect(next));
      pull("demo");
      assertEquals(3, registry().seen(blob(BASE)).size());
      assertEquals("bytes=60000-", other.seen(blob(BASE)).getLast().range());
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
