package dev.jrunc.image.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.manifest.MediaTypes;
import dev.jrunc.image.manifest.Platform;
import dev.jrunc.image.registry.TestImage;
import dev.jrunc.image.store.ImageStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an image may be made of. */
class ImagePullTest extends PullTest {
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
    PulledImage other = pull(new PullRequest(name("demo:multi"), Platform.parse("linux/arm64/v8")));
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
