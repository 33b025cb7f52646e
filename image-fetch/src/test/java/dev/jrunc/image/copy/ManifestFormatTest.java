package dev.jrunc.image.copy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.manifest.MediaTypes;
import java.util.List;
import org.junit.jupiter.api.Test;

class ManifestFormatTest {
  private static final String OCI =
      "{'schemaVersion':2,'mediaType':'application/vnd.oci.image.manifest.v1+json',"
          + "'config':{'mediaType':'application/vnd.oci.image.config.v1+json','size':1},"
          + "'layers':[{'mediaType':'application/vnd.oci.image.layer.v1.tar+gzip','size':2},"
          + "{'mediaType':'application/vnd.oci.image.layer.v1.tar','size':3},"
          + "{'mediaType':'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',"
          + "'urls':['https://example.org']}]}";
  private static final String DOCKER =
      "{'schemaVersion':2,'mediaType':'application/vnd.docker.distribution.manifest.v2+json',"
          + "'config':{'mediaType':'application/vnd.docker.container.image.v1+json','size':1},"
          + "'layers':[{'mediaType':'application/vnd.docker.image.rootfs.diff.tar.gzip','size':2},"
          + "{'mediaType':'application/vnd.docker.image.rootfs.diff.tar','size':3},"
          + "{'mediaType':'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',"
          + "'urls':['https://example.org']}]}";

  private static byte[] bytes(String json) {
    return json.replace('\'', '"').getBytes(UTF_8);
  }

  private static JsonNode tree(byte[] json) {
    return Json.object(json, "it");
  }

  @Test
  void changesTheTypesAndNothingElse() {
    assertEquals(tree(bytes(DOCKER)), tree(ManifestFormat.V2S2.manifest(bytes(OCI))));
    assertEquals(tree(bytes(OCI)), tree(ManifestFormat.OCI.manifest(bytes(DOCKER))));
  }

  @Test
  void leavesWhatIsRightByteForByte() {
    assertArrayEquals(bytes(OCI + " "), ManifestFormat.OCI.manifest(bytes(OCI + " ")));
    assertArrayEquals(bytes(DOCKER + " "), ManifestFormat.V2S2.manifest(bytes(DOCKER + " ")));
  }

  @Test
  void leavesOutWhatDockerDoesNotKnow() {
    String annotated =
        OCI.replace("'size':2", "'size':2,'annotations':{'a':'b'}")
            .replace("'layers'", "'annotations':{'a':'b'},'subject':{},'layers'");
    assertEquals(tree(bytes(DOCKER)), tree(ManifestFormat.V2S2.manifest(bytes(annotated))));
  }

  @Test
  void refusesWhatHasNoPlaceInTheOther() {
    assertRefused(OCI.replace("v1.tar+gzip", "v1.tar+zstd"), "packed by zstd");
    assertRefused(OCI.replace("image.config", "artifact"), "only a container image");
  }

  private static void assertRefused(String manifest, String reason) {
    ImageFailure failure =
        assertThrows(ImageFailure.class, () -> ManifestFormat.V2S2.manifest(bytes(manifest)));
    assertTrue(String.valueOf(failure.getMessage()).contains(reason), failure::toString);
  }

  @Test
  void pointsAnIndexToWhatItsPartsHaveBecome() {
    String digest = Digest.sha256(new byte[1]).toString();
    Digest changed = Digest.sha256(new byte[2]);
    String index =
        "{'schemaVersion':2,'mediaType':'application/vnd.oci.image.index.v1+json','manifests':["
            + "{'mediaType':'application/vnd.oci.image.manifest.v1+json','digest':'%s','size':1,"
            + "'platform':{'os':'linux','architecture':'arm64'}}]}";
    byte[] made =
        ManifestFormat.V2S2.index(
            bytes(index.formatted(digest)),
            List.of(new Descriptor(MediaTypes.DOCKER_MANIFEST, changed, 5)));
    String expected =
        index
            .formatted(changed)
            .replace("'size':1", "'size':5")
            .replace("vnd.oci.image.index.v1", "vnd.docker.distribution.manifest.list.v2")
            .replace("vnd.oci.image.manifest.v1", "vnd.docker.distribution.manifest.v2");
    assertEquals(tree(bytes(expected)), tree(made));
  }
}
