package dev.jrunc.image.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.manifest.MediaTypes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayoutTargetTest {
  private static final byte[] MANIFEST = "{}".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder = Path.of("unset");

  private static final String HOLDER =
      """
      import java.nio.channels.FileChannel;
      import java.nio.file.*;

      class Holder {
        public static void main(String[] files) throws Exception {
          Path index = Path.of(files[1]);
          try (var lock = FileChannel.open(Path.of(files[0]), StandardOpenOption.WRITE)) {
            lock.lock();
            String text = Files.readString(index);
            System.out.println("held");
            Thread.sleep(1000);
            Files.writeString(index, text.replace("first", "other"));
          }
        }
      }
      """;

  /** The other process holds the lock while it changes the index. */
  @Test
  void losesNothingThatAnotherAddsMeanwhile() throws Exception {
    Path layout = folder.resolve("layout");
    add(layout, "first");
    Path index = layout.resolve("index.json");
    Path holder = Files.writeString(folder.resolve("Holder.java"), HOLDER);
    String java = Path.of(System.getProperty("java.home"), "bin/java").toString();
    Process other =
        new ProcessBuilder(
                java, holder.toString(), layout.resolve("oci-layout").toString(), index.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertEquals('h', other.getInputStream().read());
    add(layout, "second");
    assertEquals(0, other.waitFor());
    String text = Files.readString(index);
    assertTrue(text.contains("other") && text.contains("second"), text);
  }

  @Test
  void leavesNothingBesideTheLayout() throws IOException {
    add(folder, "first");
    add(folder, "second");
    try (var files = Files.list(folder)) {
      assertEquals(
          List.of("blobs", "index.json", "oci-layout"),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }
    assertEquals(
        2,
        Json.object(Files.readAllBytes(folder.resolve("index.json")), "index")
            .path("manifests")
            .size());
  }

  private static void add(Path layout, String name) {
    Descriptor root =
        new Descriptor(MediaTypes.OCI_MANIFEST, Digest.sha256(MANIFEST), MANIFEST.length);
    new LayoutTarget(layout, name).finish(root, MANIFEST);
  }
}
