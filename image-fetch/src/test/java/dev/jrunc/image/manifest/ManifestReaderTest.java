package dev.jrunc.image.manifest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.ManifestDocument.ImageIndex;
import dev.jrunc.image.manifest.ManifestDocument.ImageManifest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestReaderTest {
  private static final String DIGEST = "sha256:" + "ab".repeat(32);
  private static final String CONFIG =
      "'config':{'mediaType':'application/vnd.oci.image.config.v1+json','digest':'"
          + DIGEST
          + "','size':2}";

  @Test
  void readsAManifestThatNamesNoType() {
    ManifestDocument document =
        read("{'schemaVersion':2," + CONFIG + ",'layers':[]}", "application/json");
    assertInstanceOf(ImageManifest.class, document);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'schemaVersion':2,CONFIG,'layers':[],'manifests':[]} | image and an index at once",
        "{'schemaVersion':2,'manifests':[],'layers':[]} | image and an index at once",
        "{'schemaVersion':1,'fsLayers':[]} | schema 1",
        "{'schemaVersion':3,CONFIG,'layers':[]} | schemaVersion 3",
        "{'schemaVersion':2,'schemaVersion':2,CONFIG,'layers':[]} | Duplicate",
        "{'schemaVersion':2,CONFIG,'layers':[]} {} | Trailing",
        "[] | not a JSON object",
        "null | not a JSON object",
        "{'schemaVersion':2,CONFIG} | no list \"layers\"",
        "{'schemaVersion':2,'layers':[]} | at \"/config\"",
        "{'schemaVersion':2,CONFIG,'layers':[{'mediaType':'x','digest':'sha256:zz','size':1}]} | at"
            + " \"/layers/0\": digest",
        "{'schemaVersion':2,CONFIG,'layers':[{'mediaType':'x','digest':'DIGEST','size':-1}]} |"
            + " negative size",
        "{'schemaVersion':2,CONFIG,'layers':[{'mediaType':'x','digest':'DIGEST','size':1.5}]} | at"
            + " \"/layers/0\"",
        "{'schemaVersion':2,'mediaType':'application/vnd.oci.image.index.v1+json',CONFIG,'layers':[]}"
            + " | but was announced as",
      })
  // CVE-2021-41190: one document that is an image to one reader and an index to another.
  void refusesWhatIsAmbiguousOrBroken(String json, String reason) {
    ImageFailure failure =
        assertThrows(ImageFailure.class, () -> read(json, MediaTypes.OCI_MANIFEST));
    String message = String.valueOf(failure.getMessage());
    assertTrue(message.contains(reason), message);
  }

  @Test
  void refusesNestingWithoutEnd() {
    String deep = "{'a':" + "[".repeat(5000) + "]".repeat(5000) + "}";
    ImageFailure failure =
        assertThrows(ImageFailure.class, () -> read(deep, MediaTypes.OCI_MANIFEST));
    assertTrue(String.valueOf(failure.getMessage()).contains("nesting depth"), failure::toString);
  }

  @ParameterizedTest
  @CsvSource({
    "linux/amd64, 'linux/arm64 linux/amd64', 1",
    "linux/amd64/v3, 'linux/amd64 linux/amd64/v4 linux/amd64/v2', 2",
    "linux/amd64, 'linux/386 windows/amd64', 0",
    "linux/arm64, 'linux/arm/v7 linux/arm64/v8', 1",
    "linux/arm64, 'linux/arm/v6 linux/arm/v7', 1",
    "linux/arm64/v9.1, 'linux/arm64 linux/arm64/v8.6 linux/arm64/v9.2', 1",
    "linux/arm, 'linux/arm/v6 linux/arm/v5', 0",
    "linux/arm/v6, 'linux/arm/v7 linux/arm/v5', 1",
    "linux/arm64/.5, 'linux/amd64 linux/arm64/.5', 1",
    "linux/x86_64, 'unknown/unknown linux/amd64 linux/amd64', 1",
  })
  void choosesWhatRunsBest(String wanted, String offered, int expected) {
    List<Platform> platforms =
        List.of(offered.split(" ", -1)).stream().map(Platform::parse).toList();
    ImageIndex index = index(platforms);
    assertEquals(
        index.manifests().get(expected), index.choose(Platform.parse(wanted)), index::toString);
  }

  @Test
  void saysWhatAnIndexOffersInstead() {
    ImageIndex index =
        index(List.of(Platform.parse("linux/s390x"), Platform.parse("unknown/unknown")));
    ImageFailure failure =
        assertThrows(ImageFailure.class, () -> index.choose(Platform.parse("linux/amd64")));
    assertEquals("it has no image for linux/amd64; it offers linux/s390x", failure.getMessage());
  }

  private static ImageIndex index(List<Platform> platforms) {
    StringBuilder json = new StringBuilder("{'schemaVersion':2,'manifests':[");
    for (int i = 0; i < platforms.size(); i++) {
      Platform platform = platforms.get(i);
      json.append(i == 0 ? "" : ",")
          .append(
              "{'mediaType':'%s','digest':'%s','size':%d,'platform':{'os':'%s','architecture':'%s','variant':'%s'}}"
                  .formatted(
                      MediaTypes.OCI_MANIFEST,
                      DIGEST,
                      i,
                      platform.os(),
                      platform.architecture(),
                      platform.variant()));
    }
    return (ImageIndex) read(json + "]}", MediaTypes.OCI_INDEX + "; charset=utf-8");
  }

  private static ManifestDocument read(String json, String type) {
    String text = json.replace("CONFIG", CONFIG).replace("DIGEST", DIGEST).replace('\'', '"');
    return new ManifestReader("the manifest").read(text.getBytes(UTF_8), type);
  }
}
