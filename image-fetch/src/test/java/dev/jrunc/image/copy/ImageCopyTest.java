package dev.jrunc.image.copy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.MediaTypes;
import dev.jrunc.image.registry.TestImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ImageCopyTest {
  private final Map<Digest, byte[]> content = new HashMap<>();
  private boolean finished;

  @Test
  void countsTheImagesOfAllIndexesTogether() {
    Descriptor image = image();
    Descriptor several = index(Collections.nCopies(499, image));
    assertEquals(1, copy(index(Collections.nCopies(2, several))).images());
    assertTrue(finished);
    finished = false;
    Descriptor root = index(Collections.nCopies(3, several));
    ImageFailure failure = assertThrows(ImageFailure.class, () -> copy(root));
    assertEquals("the index and those below it name more than 1000 images", failure.getMessage());
    assertTrue(!finished, "it was shown");
  }

  @Test
  void goesNotDeeperThanFour() {
    Descriptor inner = image();
    for (int depth = 0; depth < 5; depth++) {
      inner = index(Collections.singletonList(inner));
    }
    Descriptor root = inner;
    ImageFailure failure = assertThrows(ImageFailure.class, () -> copy(root));
    assertEquals("the indexes are nested too deep", failure.getMessage());
  }

  private Descriptor image() {
    TestImage image = new TestImage().gzip(TestImage.tar(1, 100));
    image.blobs().forEach(this::keep);
    keep(image.config());
    return keep(image.manifest(), image.type());
  }

  private Descriptor index(Iterable<Descriptor> parts) {
    StringBuilder text = new StringBuilder("{\"schemaVersion\":2,\"manifests\":[");
    String between = "";
    for (Descriptor part : parts) {
      text.append(between)
          .append(
              "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
                  .formatted(part.mediaType(), part.digest(), part.size()));
      between = ",";
    }
    return keep(text.append("]}").toString().getBytes(UTF_8), MediaTypes.OCI_INDEX);
  }

  private void keep(byte[] bytes) {
    content.put(Digest.sha256(bytes), bytes);
  }

  private Descriptor keep(byte[] bytes, String type) {
    keep(bytes);
    return new Descriptor(type, Digest.sha256(bytes), bytes.length);
  }

  private ImageCopy.Result copy(Descriptor root) {
    return new ImageCopy(new Source(root), new Target(), null, null, sentence -> {}).run();
  }

  private final class Source implements ImageSource {
    private final Descriptor root;

    Source(Descriptor root) {
      this.root = root;
    }

    @Override
    public Document root() {
      return new Document(document(root), root);
    }

    @Override
    public byte[] document(Descriptor descriptor) {
      return content.getOrDefault(descriptor.digest(), new byte[0]);
    }

    @Override
    public InputStream blob(Descriptor descriptor, long offset) {
      return new ByteArrayInputStream(document(descriptor));
    }
  }

  private final class Target implements ImageTarget {
    @Override
    public boolean blob(Descriptor blob, @Nullable String from, Content bytes) {
      try (InputStream in = bytes.from(0)) {
        return Digest.sha256(in.readAllBytes()).equals(blob.digest());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void manifest(Descriptor manifest, byte[] bytes) {}

    @Override
    public void finish(Descriptor root, byte[] bytes) {
      finished = true;
    }
  }
}
