package dev.jrunc.image.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.MediaTypes;
import dev.jrunc.image.manifest.Platform;
import dev.jrunc.image.registry.TestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageStoreTest {
  private static final byte[] BASE = TestImage.tar(1, 5000);
  private static final byte[] TOP = TestImage.tar(2, 5000);

  @TempDir Path folder = Path.of("unset");

  @Test
  void isClosedToOthers() throws IOException {
    put("docker.io/library/a:1", new TestImage().gzip(BASE));
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(root())));
  }

  @Test
  void namesAnImageOnlyWhenTheDiskHasItsBlobs() throws IOException {
    Path fresh = Files.write(folder.resolve("fresh"), BASE);
    Assumptions.assumeTrue(DirtyPages.of(fresh) > 0, "a file system of memory");
    put("docker.io/library/a:1", new TestImage().gzip(BASE));
    assertEquals(3, blobs().size());
    for (Path blob : blobs()) {
      assertEquals(0, DirtyPages.of(blob), blob.toString());
    }
  }

  @Test
  void remembersTheImageLastPulled() throws IOException {
    put("docker.io/library/a:1", new TestImage().gzip(BASE));
    put("docker.io/library/b:1", new TestImage().gzip(TOP));
    put("docker.io/library/a:1", new TestImage().gzip(TOP));
    assertEquals("docker.io/library/a:1", store().lastPulled().name());
    assertEquals(2, store().images().size());
    store().remove("docker.io/library/a:1");
    ImageFailure failure = assertThrows(ImageFailure.class, () -> store().lastPulled());
    assertTrue(String.valueOf(failure.getMessage()).startsWith("no image was pulled into"));
  }

  @Test
  void removesBlobsThatNobodyElseUses() throws IOException {
    put("h/a:1", new TestImage().gzip(BASE).gzip(TOP));
    put("h/b:1", new TestImage().gzip(BASE));
    store().remove("h/a:1");
    assertFalse(Files.exists(blob(TestImage.packGzip(TOP))));
    assertTrue(Files.exists(blob(TestImage.packGzip(BASE))));
    store().content(store().find("h/b:1"));
    store().remove("h/b:1");
    assertEquals(List.of(), blobs());
  }

  @Test
  void removesADamagedImageAndLeavesBlobsOfTheOthers() throws IOException {
    TestImage damaged = new TestImage().gzip(TOP);
    put("h/a:1", damaged);
    put("h/b:1", new TestImage().gzip(BASE));
    Files.delete(blob(damaged.manifest()));
    store().remove("h/a:1");
    assertEquals(List.of("h/b:1"), store().images().stream().map(StoredImage::name).toList());
    store().content(store().find("h/b:1"));
  }

  @Test
  void keepsWhatOtherToolsPutThere() throws IOException {
    put("h/a:1", new TestImage().gzip(BASE));
    Path index = root().resolve("index.json");
    String foreign = "{\"mediaType\":\"x\",\"digest\":\"y\",\"size\":1}";
    String text = Files.readString(index);
    Files.writeString(index, text.replaceFirst("\"manifests\" : \\[", "$0" + foreign + ","));
    store().remove("h/a:1");
    assertTrue(Files.readString(index).contains("\"digest\" : \"y\""));
    assertFalse(blobs().isEmpty());
  }

  @Test
  void keepsAllThatForeignEntriesPointTo() throws IOException {
    put("h/a:1", new TestImage().gzip(BASE));
    Path leaf = add("a leaf");
    String artifact =
        "{'blobs':[{'mediaType':'text/plain','digest':'%s'}]}".formatted(digest(leaf));
    Path next = add(artifact.replace('\'', '"'));
    List<Path> kept = new ArrayList<>(List.of(leaf, next));
    for (int i = 0; i < 12; i++) {
      String type = "application/vnd.oci.image.index.v1+json";
      String index =
          "{'manifests':[{'mediaType':'%s','digest':'%s'}]}"
              .formatted(i == 0 ? "" : type, digest(next));
      next = add(index.replace('\'', '"'));
      kept.add(next);
    }
    Path stray = add("nobody's");
    Path index = root().resolve("index.json");
    String foreign = "{\"digest\":\"" + digest(next) + "\"}";
    String text = Files.readString(index);
    Files.writeString(index, text.replaceFirst("\"manifests\" : \\[", "$0" + foreign + ","));
    assertEquals(1, store().collectGarbage(false).files().size());
    assertFalse(Files.exists(stray));
    for (Path blob : kept) {
      assertTrue(Files.exists(blob), Files.readString(kept.getLast()));
    }
  }

  private Path add(String content) throws IOException {
    return Files.writeString(blob(content.getBytes(UTF_8)), content);
  }

  private static String digest(Path blob) {
    return "sha256:" + blob.getFileName();
  }

  @Test
  void rejectsTamperedBlobOnRead() throws IOException {
    put("h/a:1", new TestImage().gzip(BASE));
    byte[] packed = TestImage.packGzip(BASE);
    Descriptor layer = new Descriptor("x", Digest.sha256(packed), packed.length);
    packed[50] ^= 1;
    Files.write(blob(TestImage.packGzip(BASE)), packed);
    try (var stream = store().open(layer)) {
      ImageFailure failure = assertThrows(ImageFailure.class, stream::readAllBytes);
      assertTrue(String.valueOf(failure.getMessage()).contains("wrong content"));
    }
  }

  @Test
  void namesWhatIsNotThere() {
    ImageFailure failure = assertThrows(ImageFailure.class, () -> store().find("h/a:1"));
    assertEquals(
        "image \"h/a:1\" is not in the store \"" + root() + "\"; pull it first with jimage pull",
        failure.getMessage());
  }

  @Test
  void sweepsWhatAKilledPullLeft() throws IOException {
    Path left = root().resolve(".tmp/dead");
    Files.createDirectories(left);
    Files.writeString(left.resolve("alive"), "");
    Files.writeString(left.resolve("sha256-half"), "half");
    try (Staging own = store().stage()) {
      assertFalse(Files.exists(left));
      try (Staging other = store().stage()) {
        assertTrue(
            Files.exists(Path.of(own.file(Digest.sha256(BASE)).toString(), "..").normalize()));
        assertFalse(other.file(Digest.sha256(BASE)).equals(own.file(Digest.sha256(BASE))));
      }
    }
    assertFalse(Files.exists(root().resolve(".tmp")));
  }

  @Test
  void takesBackBlobsOfACommitThatFails() throws IOException {
    put("h/a:1", new TestImage().gzip(BASE));
    List<Path> before = blobs();
    // A folder where the new index goes makes the last step fail.
    Files.createDirectories(root().resolve("index.json.new/x"));
    ImageFailure failure =
        assertThrows(ImageFailure.class, () -> put("h/b:1", new TestImage().gzip(TOP)));
    assertTrue(String.valueOf(failure.getMessage()).startsWith("cannot write to"));
    assertEquals(before, blobs());
    assertEquals(1, store().images().size());
  }

  @Test
  void refusesToShowAnImageWhoseBlobVanished() throws IOException {
    put("h/a:1", new TestImage().gzip(BASE));
    TestImage second = new TestImage().gzip(BASE).gzip(TOP);
    try (Staging staging = store().stage()) {
      stageAll(staging, second);
      Files.delete(staging.file(Digest.sha256(TestImage.packGzip(TOP))));
      ImageFailure failure =
          assertThrows(
              ImageFailure.class, () -> staging.commit(image("h/b:1", second), all(second)));
      assertTrue(String.valueOf(failure.getMessage()).contains("was removed from the store"));
    }
    assertEquals(1, store().images().size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "docker.io/library/alpine:3.20",
        "127.0.0.1:5000/demo:latest",
        "docker.io/library/alpine@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
      })
  void isReadBySkopeo(String name) throws IOException, InterruptedException {
    Assumptions.assumeTrue(
        Stream.of("/usr/bin/skopeo", "/usr/local/bin/skopeo")
            .anyMatch(p -> Files.exists(Path.of(p))),
        "skopeo is not installed");
    TestImage image = new TestImage().gzip(BASE);
    put("h/other:1", new TestImage().gzip(TOP));
    put(name, image);
    Process skopeo =
        new ProcessBuilder("skopeo", "inspect", "--raw", "oci:" + root() + ":" + name).start();
    byte[] manifest = skopeo.getInputStream().readAllBytes();
    String error = new String(skopeo.getErrorStream().readAllBytes(), UTF_8);
    assertEquals(0, skopeo.waitFor(), error);
    assertArrayEquals(image.manifest(), manifest);
  }

  private Path root() {
    return folder.resolve("store");
  }

  private ImageStore store() {
    return new ImageStore(root());
  }

  private Path blob(byte[] content) {
    return root().resolve("blobs/sha256").resolve(Digest.sha256(content).hex());
  }

  private List<Path> blobs() throws IOException {
    try (Stream<Path> files = Files.list(root().resolve("blobs/sha256"))) {
      return files.sorted().toList();
    }
  }

  private void put(String name, TestImage image) throws IOException {
    try (Staging staging = store().stage()) {
      stageAll(staging, image);
      staging.commit(image(name, image), all(image));
    }
  }

  private static void stageAll(Staging staging, TestImage image) throws IOException {
    List<byte[]> contents = new ArrayList<>(image.blobs());
    contents.add(image.config());
    contents.add(image.manifest());
    for (byte[] content : contents) {
      Files.write(staging.file(Digest.sha256(content)), content);
    }
  }

  private static StoredImage image(String name, TestImage image) {
    return new StoredImage(
        name,
        descriptor(image.type(), image.manifest()),
        Platform.parse("linux/amd64"),
        "2026-01-01T00:00:00Z");
  }

  private static List<Descriptor> all(TestImage image) {
    List<Descriptor> all = new ArrayList<>();
    image.blobs().forEach(blob -> all.add(descriptor("layer", blob)));
    all.add(descriptor(MediaTypes.OCI_CONFIG, image.config()));
    all.add(descriptor(image.type(), image.manifest()));
    return all;
  }

  private static Descriptor descriptor(String type, byte[] content) {
    return new Descriptor(type, Digest.sha256(content), content.length);
  }
}
