package dev.jrunc.image.commit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.tree.FileFacts;
import dev.jrunc.kernel.DeviceNumber;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LayerWriterTest {
  // It would come back as user.a, with "b=val" in it.
  @Test
  void refusesAnAttributeWithAnEqualsSignInItsName() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    FileFacts facts =
        new FileFacts(
            'd',
            0755,
            0,
            0,
            0,
            null,
            new DeviceNumber(0, 0),
            "",
            Map.of("user.a=b", new byte[1]),
            "",
            "");
    ImageFailure failure =
        assertThrows(ImageFailure.class, () -> new LayerWriter(out).entry("d", facts));
    assertEquals(
        "the attribute \"user.a=b\" of \"d/\" has a = in its name, which no layer can hold; remove it"
            + " with setfattr -x",
        failure.getMessage());
    assertEquals(0, out.size());
  }
}
