package dev.jrunc.image.pull;

import static dev.jrunc.image.registry.FaultyRegistry.cutAfter;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.registry.FaultyRegistry;
import dev.jrunc.image.registry.FaultyRegistry.Seen;
import dev.jrunc.image.registry.TestImage;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one pull leaves behind for the next, and what a hand damaged in between. */
class ResumeTest {
  private static final byte[] BASE = TestImage.tar(1, 600_000);
  private static final byte[] TOP = TestImage.tar(2, 10_000);
  private static final byte[] PACKED = TestImage.packGzip(BASE);

  @TempDir Path folder = Path.of("unset");
  private TestImage image = new TestImage();

  @BeforeEach
  void make() {
    image = new TestImage().gzip(BASE).gzip(TOP);
  }

  /** A pull that failed, or was killed, having brought {@code bytes} of the base. */
  private void leavePart(byte[] bytes) throws IOException {
    Path part = partial(PACKED);
    Files.createDirectories(part.getParent());
    Files.write(part, bytes);
  }

  @Test
  void goesOnWhereAKilledPullStood() throws IOException {
    try (Pulls pulls = new Pulls(folder)) {
      pulls.registry().push("demo", "latest", image);
      leavePart(Arrays.copyOf(PACKED, 100_000));
      PulledImage pulled = pulls.pull("demo");
      assertEquals("bytes=100000-", pulls.registry().seen(blob(PACKED)).getFirst().range());
      assertEquals(PACKED.length - 100_000 + TestImage.packGzip(TOP).length, pulled.fetchedBytes());
      assertArrayEquals(PACKED, Files.readAllBytes(stored(PACKED)));
      assertFalse(Files.exists(partial(PACKED)));
    }
  }

  @Test
  void asksForNothingThatHasComeWhole() throws IOException {
    try (Pulls pulls = new Pulls(folder)) {
      pulls.registry().push("demo", "latest", image);
      leavePart(PACKED);
      pulls.pull("demo");
      assertEquals(List.of(), pulls.registry().seen(blob(PACKED)));
    }
  }

  @Test
  void keepsWhatCameBeforeARegistryFailed() throws IOException {
    try (Pulls pulls = new Pulls(folder)) {
      pulls.registry().push("demo", "latest", image);
      FaultyRegistry.Fault[] cuts = new FaultyRegistry.Fault[20];
      Arrays.fill(cuts, cutAfter(0));
      pulls.registry().fail(blob(PACKED), cutAfter(70_000));
      pulls.registry().fail(blob(PACKED), cuts);
      assertThrows(ImageFailure.class, () -> pulls.pull("demo"));
      assertEquals(70_000, Files.size(partial(PACKED)));
      pulls.registry().healAll();
      pulls.pull("demo");
      Seen last = pulls.registry().seen(blob(PACKED)).getLast();
      assertEquals("bytes=70000-", last.range());
    }
  }

  @Test
  void startsOverWhereTheOldPartIsWrong() throws IOException {
    try (Pulls pulls = new Pulls(folder)) {
      pulls.registry().push("demo", "latest", image);
      byte[] zeros = new byte[5000];
      leavePart(zeros);
      pulls.pull("demo");
      leavePart(new byte[PACKED.length + 1]);
      Files.delete(stored(PACKED));
      pulls.pull("demo");
      assertArrayEquals(PACKED, Files.readAllBytes(stored(PACKED)));
    }
  }

  @Test
  void leavesAPartAloneThatAnotherProcessWrites() throws IOException {
    try (Pulls pulls = new Pulls(folder)) {
      pulls.registry().push("demo", "latest", image);
      leavePart(Arrays.copyOf(PACKED, 1000));
      try (FileChannel other = FileChannel.open(partial(PACKED), StandardOpenOption.WRITE)) {
        assertTrue(other.lock().isValid());
        pulls.pull("demo");
        assertEquals(1000, other.size());
      }
      assertArrayEquals(PACKED, Files.readAllBytes(stored(PACKED)));
    }
  }

  @Test
  void mendsAMissingAndAChangedBlob() throws IOException {
    try (Pulls pulls = new Pulls(folder)) {
      pulls.registry().push("demo", "latest", image);
      pulls.pull("demo");
      byte[] changed = PACKED.clone();
      changed[1000] ^= 1;
      Files.write(stored(PACKED), changed);
      Files.delete(stored(image.config()));
      PulledImage pulled = pulls.pull("demo");
      assertEquals(PACKED.length, pulled.fetchedBytes());
      assertArrayEquals(PACKED, Files.readAllBytes(stored(PACKED)));
      Files.delete(stored(TestImage.packGzip(TOP)));
      Files.delete(stored(image.manifest()));
      assertEquals(TestImage.packGzip(TOP).length, pulls.pull("demo").fetchedBytes());
    }
  }

  @Test
  void mendsATruncatedIndexFromItsCopy() throws IOException {
    try (Pulls pulls = new Pulls(folder)) {
      pulls.registry().push("demo", "latest", image);
      pulls.registry().push("demo", "other", new TestImage().gzip(TOP));
      pulls.pull("demo");
      Path index = folder.resolve("store/index.json");
      Files.writeString(index, Files.readString(index).substring(0, 50));
      ImageFailure failure = assertThrows(ImageFailure.class, () -> pulls.store().images());
      String said = String.valueOf(failure.getMessage());
      assertTrue(said.contains("index.json") && said.contains("jimage pull mends it"), said);
      assertEquals(0, pulls.pull("demo:other").fetchedBytes());
      assertEquals(2, pulls.store().images().size());
      assertTrue(
          pulls.notices().getFirst().contains("took the copy of it"), pulls.notices()::toString);
    }
  }

  // As with EACCES or EIO: nothing is known of what is in it.
  @Test
  void leavesAnIndexAloneThatCannotBeRead() throws IOException {
    try (Pulls pulls = new Pulls(folder)) {
      pulls.registry().push("demo", "latest", image);
      pulls.pull("demo");
      Path index = folder.resolve("store/index.json");
      Files.delete(index);
      Files.createDirectory(index);
      assertThrows(ImageFailure.class, () -> pulls.pull("demo"));
      assertTrue(Files.isDirectory(index));
      assertFalse(Files.exists(folder.resolve("store/index.json.damaged")));
    }
  }

  @Test
  void fetchesNothingAgainWithoutIndexAndCopy() throws IOException {
    try (Pulls pulls = new Pulls(folder)) {
      pulls.registry().push("demo", "latest", image);
      pulls.pull("demo");
      Files.writeString(folder.resolve("store/index.json"), "");
      Files.delete(folder.resolve("store/.index.json"));
      assertEquals(0, pulls.pull("demo").fetchedBytes());
      assertEquals(1, pulls.store().images().size());
    }
  }

  @Test
  void mendsPermissions() throws IOException {
    try (Pulls pulls = new Pulls(folder)) {
      pulls.registry().push("demo", "latest", image);
      pulls.pull("demo");
      Path blobs = folder.resolve("store/blobs/sha256");
      Files.setPosixFilePermissions(blobs, PosixFilePermissions.fromString("---rwxrwx"));
      pulls.pull("demo");
      assertEquals(
          "rwxr-xr-x", PosixFilePermissions.toString(Files.getPosixFilePermissions(blobs)));
    }
  }

  // CVE-2021-41091: what verify names, pull mends.
  @Test
  void closesAStoreThatIsOpenToOthers() throws IOException {
    try (Pulls pulls = new Pulls(folder)) {
      pulls.registry().push("demo", "latest", image);
      pulls.pull("demo");
      Path store = folder.resolve("store");
      Files.setPosixFilePermissions(store, PosixFilePermissions.fromString("rwxr-xr-x"));
      pulls.pull("demo");
      assertEquals(
          "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(store)));
    }
  }

  private static String blob(byte[] packed) {
    return FaultyRegistry.blobPath("demo", packed);
  }

  private Path stored(byte[] content) {
    return folder.resolve("store/blobs").resolve(Digest.sha256(content).relativePath());
  }

  private Path partial(byte[] content) {
    return folder.resolve("store/.partial/sha256-" + Digest.sha256(content).hex());
  }
}
