package dev.jrunc.image.copy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.layer.UnpackLimits;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkingFolderTest {
  @TempDir private Path parent;

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(parent)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void goesWhenItIsClosed() throws IOException {
    try (WorkingFolder folder = WorkingFolder.in(parent, "jimage-")) {
      Files.writeString(folder.files().resolve("x"), "large");
      assertEquals(1, names().size());
    }
    assertEquals(List.of(), names());
  }

  @Test
  void takesAwayWhatAKilledProcessLeftAndNothingElse() throws IOException {
    Path left = Files.createDirectories(parent.resolve("jimage-1/files/d"));
    Files.writeString(left.resolve("x"), "large");
    Files.createFile(parent.resolve("jimage-1/alive"));
    Files.createDirectory(parent.resolve("jimage-2")); // No mark: not one of these.
    Path elsewhere = Files.createDirectory(parent.resolve("elsewhere"));
    Files.createFile(elsewhere.resolve("alive"));
    Files.createSymbolicLink(parent.resolve("jimage-3"), elsewhere);
    try (WorkingFolder one = WorkingFolder.in(parent, "jimage-");
        WorkingFolder other = WorkingFolder.in(parent, "jimage-")) {
      assertTrue(Files.exists(one.files()) && Files.exists(other.files()));
      assertFalse(Files.exists(parent.resolve("jimage-1")));
    }
    assertEquals(List.of("elsewhere", "jimage-2", "jimage-3"), names());
    assertTrue(Files.exists(elsewhere.resolve("alive")));
  }

  /** What the process below runs. */
  static final class Sleeper {
    public static void main(String[] arguments) throws Exception {
      WorkingFolder folder = WorkingFolder.in(Path.of(arguments[0]), "jimage-");
      Files.writeString(folder.files().resolve("x"), "large");
      System.out.println("ready");
      Thread.sleep(60_000);
    }
  }

  private Process sleeper() throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Sleeper.class.getName(),
                parent.toString())
            .start();
    assertEquals("ready", process.inputReader().readLine());
    return process;
  }

  @Test
  void staysWhereAnotherProcessComesToo() throws IOException, InterruptedException {
    try (WorkingFolder one = WorkingFolder.in(parent, "jimage-");
        WorkingFolder other = WorkingFolder.in(parent, "jimage-")) {
      Process process = sleeper();
      assertEquals(3, names().size());
      try (WorkingFolder last = WorkingFolder.in(parent, "jimage-")) {
        assertTrue(Files.exists(last.files()));
        assertEquals(4, names().size());
      }
      process.destroy();
      process.waitFor();
      assertTrue(Files.exists(one.files()) && Files.exists(other.files()));
    }
  }

  @Test
  void goesWhenTheProcessIsAskedToEnd() throws IOException, InterruptedException {
    Process process = sleeper();
    assertEquals(1, names().size());
    process.destroy(); // SIGTERM
    assertEquals(143, process.waitFor());
    assertEquals(List.of(), names());
  }

  @Test
  void anArchiveLeavesNothingBesideIt() throws IOException {
    try (Archive archive = new Archive(parent.resolve("a.tar"))) {
      Files.writeString(archive.folder().resolve("f"), "x");
      archive.finish();
    }
    assertEquals(List.of("a.tar"), names());
    try (TarFiles files = TarFiles.open(parent.resolve("a.tar"), UnpackLimits.DEFAULT)) {
      assertEquals("x", new String(files.open("f").readAllBytes(), UTF_8));
      assertThrows(IOException.class, () -> files.open("alive"));
    }
  }

  @Test
  void aPackedArchiveIsUnpackedWithinLimits() throws IOException {
    Path packed = parent.resolve("a.tar.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 80; i++) {
        out.write(zeros);
      }
    }
    assertEquals(
        "\"" + packed + "\" unpacks to more than 200 times its size; --limit ratio=N allows more",
        refused(packed, UnpackLimits.DEFAULT));
    assertEquals(
        "\""
            + packed
            + "\" is where the image comes to more than 5000 bytes; --limit bytes=N allows more",
        refused(packed, UnpackLimits.DEFAULT.with(List.of("bytes=5000"))));
  }

  private static String refused(Path file, UnpackLimits limits) {
    ImageFailure failure =
        assertThrows(ImageFailure.class, () -> TarFiles.open(file, limits).close());
    return String.valueOf(failure.getMessage());
  }
}
