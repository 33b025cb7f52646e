package dev.jrunc.image.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.bundle.Bundles;
import dev.jrunc.image.layer.RawTar;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LittleMemoryTest {
  @TempDir private Path folder;

  @Test
  void isSaidInASentence() throws IOException, InterruptedException {
    Path web = folder.resolve("web");
    Bundles.build(Bundles.request(web, "{}", new RawTar().file("f", "").bytes()));
    Files.write(
        web.resolve(".jimage/record"),
        IntStream.range(0, 150_000)
            .mapToObj("{\"path\":\"no/such/file/%d\",\"kind\":\"d\",\"mtime\":1}"::formatted)
            .toList(),
        StandardOpenOption.APPEND);
    Process verify =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx24m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.jrunc.image.Main",
                "verify",
                web.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(verify.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(1, verify.waitFor(), said);
    assertTrue(said.matches("jimage: more than the \\d+ MiB of memory are needed .*\n"), said);
  }
}
