package dev.jrunc.image.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The built launcher, installed elsewhere, with a JVM that refuses to start without its AOT cache.
 */
class LauncherTest {
  private static final Path BUILT = Path.of("..", "out");

  @TempDir Path folder = Path.of("unset");

  @BeforeEach
  void install() throws IOException {
    Assumptions.assumeTrue(
        Files.exists(BUILT.resolve("bin/jimage")), "out/bin/jimage is not built: run make jimage");
    Files.createDirectories(folder.resolve("usr/bin"));
    Files.createDirectories(folder.resolve("usr/lib/jimage"));
    copy(BUILT.resolve("bin/jimage"), folder.resolve("usr/bin/jimage"));
    try (Stream<Path> files = Files.list(BUILT.resolve("lib/jimage"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        copy(file, folder.resolve("usr/lib/jimage").resolve(file.getFileName()));
      }
    }
  }

  @Test
  void usesItsCacheThroughALinkFromAnyFolder() throws IOException, InterruptedException {
    Path link = folder.resolve("my jimage");
    Files.createSymbolicLink(link, folder.resolve("usr/bin/jimage"));
    assertEquals("0 jimage 0.1.0\n", run(link.toString(), "--version"));
    String store = folder.resolve("store").toString();
    assertEquals(
        "0 []\n", run(link.toString(), "images", "--json", "--store", store).replace("[ ]", "[]"));
  }

  /** Proves that the test above can fail. */
  @Test
  void losesItsCacheWhenAJarIsTouched() throws IOException, InterruptedException {
    Path jar;
    try (Stream<Path> jars = Files.list(folder.resolve("usr/lib/jimage"))) {
      jar =
          jars.filter(file -> file.getFileName().toString().startsWith("image-fetch-"))
              .findFirst()
              .orElseThrow();
    }
    Files.setLastModifiedTime(jar, FileTime.fromMillis(0));
    assertNotEquals(
        "0", run(folder.resolve("usr/bin/jimage").toString(), "--version").substring(0, 1));
  }

  private String run(String... command) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(List.of(command)).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().put("JIMAGE_JAVA_OPTS", "-XX:AOTMode=on");
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    return process.waitFor() + " " + said;
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
  }
}
