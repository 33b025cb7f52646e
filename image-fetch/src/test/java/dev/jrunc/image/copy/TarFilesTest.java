package dev.jrunc.image.copy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jrunc.image.layer.RawTar;
import dev.jrunc.image.layer.UnpackLimits;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarFilesTest {
  @TempDir Path folder = Path.of("unset");

  /** No name of an archive is one of this machine: each is a word to find an entry by. */
  @Test
  void takesNamesThatNoFileCanHave() throws IOException {
    RawTar tar =
        new RawTar()
            .pax("path", "nul\0byte")
            .file("x", "1")
            .pax("path", new String("\u4e2d/\u00fc".getBytes(UTF_8), ISO_8859_1))
            .file("x", "2")
            .file("./a//b/../index.json", "3")
            .file("../../out", "4")
            .symlink("l/link", "../a/index.json")
            .symlink("loop", "loop");
    try (TarFiles files = open(tar)) {
      assertEquals("1", read(files, "nul\0byte"));
      assertEquals("2", read(files, "\u4e2d/\u00fc"));
      assertEquals("3", read(files, "a/index.json"));
      assertEquals("4", read(files, "out"));
      assertEquals("3", read(files, "l/link"));
      assertThrows(NoSuchFileException.class, () -> read(files, "none"));
      assertThrows(IOException.class, () -> read(files, "loop"));
    }
  }

  private TarFiles open(RawTar tar) throws IOException {
    return TarFiles.open(Files.write(folder.resolve("a.tar"), tar.bytes()), UnpackLimits.DEFAULT);
  }

  private static String read(TarFiles files, String path) throws IOException {
    try (InputStream in = files.open(path)) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }
}
