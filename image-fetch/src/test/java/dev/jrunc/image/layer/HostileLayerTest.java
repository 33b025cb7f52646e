package dev.jrunc.image.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.tree.TreeRecord;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostileLayerTest {
  @TempDir private Path folder;
  private Unpacked tree;

  @BeforeEach
  void makeRoot() throws IOException {
    tree = new Unpacked(folder);
  }

  private String refused(RawTar tar) throws IOException {
    return tree.refused(tar.bytes());
  }

  @Nested
  class Names {
    @Test
    void thatLeadOutAreRefusedInEveryDialect() throws IOException {
      String reason = "holds \"d/../../x\", which leads out of the rootfs";
      assertEquals(reason, refused(new RawTar().file("d/../../x", "")));
      assertEquals(reason, refused(new RawTar().pax("path", "d/../../x").file("x", "")));
      assertEquals(reason, refused(new RawTar().gnuLong('L', "d/../../x").file("x", "")));
      assertEquals(
          "holds \"../.wh.x\", which leads out of the rootfs",
          refused(new RawTar().file("../.wh.x", "")));
    }

    @Test
    void thatAreAbsoluteStayInsideInEveryDialect() throws IOException {
      String victim = tree.outside() + "/victim";
      String inside = victim.substring(1);
      for (RawTar tar :
          List.of(
              new RawTar().pax("path", victim).file("x", "hostile"),
              new RawTar().gnuLong('L', victim).file("x", "hostile"),
              new RawTar().folder("//").pax("path", "//" + inside).file("x", "hostile"))) {
        tree.apply(tar.bytes());
        tree.assertOutsideUntouched();
        assertEquals("hostile", tree.content(inside));
      }
      tree.apply(new RawTar().file("/" + "y", "").file("/.wh.tmp", "").bytes());
      assertEquals("", tree.content("y"));
      tree.assertOutsideUntouched();
    }

    @Test
    void thatNoFileCanHaveAreRefused() throws IOException {
      String name = "n".repeat(256);
      assertEquals(
          "holds \"" + name + "\", which no file can be called",
          refused(new RawTar().pax("path", name).file("x", "")));
      assertEquals(
          "holds a name of 4100 bytes",
          refused(new RawTar().pax("path", "a/".repeat(2050)).file("x", "")));
      assertEquals(
          "holds a name of 600 folders",
          refused(new RawTar().pax("path", "a/".repeat(600)).file("x", "")));
      assertEquals(
          "cannot be read: a NUL in the name \"a\0b\"",
          refused(new RawTar().pax("path", "a\0b").file("x", "")));
      assertEquals(
          "cannot be read: a NUL in the link \"a\0b\"",
          refused(new RawTar().pax("linkpath", "a\0b").symlink("x", "")));
    }
  }

  @Nested
  class Damage {
    private final byte[] whole = new RawTar().file("f", "x".repeat(700)).file("g", "y").bytes();

    @Test
    void inTheMiddleOfAFileIsSaid() throws IOException {
      String reason = "cannot be read: truncated in the middle of an entry";
      assertEquals(reason, tree.refused(Arrays.copyOf(whole, 600)));
      assertEquals(reason, tree.refused(Arrays.copyOf(whole, 512 + 699)));
      assertEquals(
          "cannot be read: truncated TAR archive", tree.refused(Arrays.copyOf(whole, 1024)));
    }

    @Test
    void inTheMiddleOfAHeaderIsSaid() throws IOException {
      assertEquals(
          "cannot be read: truncated in the middle of a header",
          tree.refused(Arrays.copyOf(whole, 512 + 1024 + 300)));
    }

    @Test
    void afterAnExtraHeaderIsSaid() throws IOException {
      byte[] pax = new RawTar().pax("path", "x").unended();
      assertTrue(tree.refused(pax).startsWith("cannot be read: premature end of tar archive"));
      byte[] gnu = new RawTar().gnuLong('L', "x").unended();
      assertEquals("cannot be read: an extra header without an entry", tree.refused(gnu));
    }

    @Test
    void ofAHeaderIsSaid() throws IOException {
      byte[] damaged = whole.clone();
      damaged[1] ^= 1;
      assertEquals("cannot be read: damaged header: its checksum is wrong", tree.refused(damaged));
      byte[] noTar =
          "this is no tar archive\n".repeat(100).getBytes(java.nio.charset.StandardCharsets.UTF_8);
      assertEquals("cannot be read: damaged header: its checksum is wrong", tree.refused(noTar));
    }

    @Test
    void ofTheContentIsFoundByItsDiffId() throws IOException {
      Digest promised = Digest.sha256(new byte[] {1});
      LayerSource layer =
          new LayerSource(1, "sha256:1", promised, () -> new ByteArrayInputStream(whole));
      Linux linux = Linux.over(Unpacked.GATE);
      int flags = OpenFlags.RDONLY | OpenFlags.DIRECTORY;
      try (Descriptor root =
          linux.files().open(linux.currentDirectory(), tree.path("").toString(), flags, 0)) {
        ImageFailure failure =
            assertThrows(
                ImageFailure.class,
                () ->
                    new LayerUnpacker(Unpacked.GATE, root, Unpacked.plain())
                        .apply(List.of(layer), "/"));
        assertEquals(
            "layer 1 (sha256:1) has the wrong content: its diff_id is "
                + Digest.sha256(whole)
                + ", the image's configuration names "
                + promised,
            failure.getMessage());
      }
    }
  }

  @Nested
  class Holes {
    private static final long LARGEST = (8L << 30) - 1; // eleven octal digits

    private static UnpackOptions limited(String limit) {
      UnpackLimits limits = UnpackLimits.DEFAULT.with(List.of(limit));
      return new UnpackOptions(
          TreeForm.PLAIN, new UnpackBudget(limits), TreeRecord.none(), false, _ -> {});
    }

    private static RawTar oldGnu(long size) {
      RawTar.Header header = RawTar.header("hole", 'S').text(257, 8, "ustar  \0");
      return new RawTar()
          .put(header.number(483, 12, size).number(386, 12, size).number(398, 12, 0));
    }

    private static RawTar pax(long size) {
      String all = Long.toString(size);
      return new RawTar()
          .pax("GNU.sparse.size", all, "GNU.sparse.map", all + ",0")
          .file("hole", "");
    }

    private String refusedBy(String limit, RawTar... tars) {
      byte[][] layers = Arrays.stream(tars).map(RawTar::bytes).toArray(byte[][]::new);
      ImageFailure failure =
          assertThrows(ImageFailure.class, () -> tree.apply(Unpacked.GATE, limited(limit), layers));
      return String.valueOf(failure.getMessage()).replaceFirst("layer (\\d+) \\S+ ", "$1 ");
    }

    @Test
    void areBytesOfAllLayersTogether() throws IOException {
      for (RawTar tar : List.of(oldGnu(LARGEST), pax(Integer.MAX_VALUE))) {
        assertEquals(
            "1 is where the image comes to more than 4096 bytes; --limit bytes=N allows more",
            refusedBy("bytes=4096", tar));
        assertTrue(Files.size(tree.path("hole")) <= 4096);
      }
      assertEquals(
          "2 is where the image comes to more than 300000 bytes; --limit bytes=N allows more",
          refusedBy("bytes=300000", pax(200_000), pax(200_000)));
    }

    // Its header claims content that is not there, so that all of it seems to be in the tar.
    @Test
    void areCountedWhereTheSizeLies() throws IOException {
      RawTar.Header header = RawTar.header("hole", 'S').text(257, 8, "ustar  \0");
      header
          .number(124, 12, LARGEST)
          .number(483, 12, LARGEST)
          .number(386, 12, LARGEST)
          .number(398, 12, 0);
      assertEquals(
          "1 is where the image comes to more than 4096 bytes; --limit bytes=N allows more",
          refusedBy("bytes=4096", new RawTar().put(header)));
      assertTrue(Files.size(tree.path("hole")) <= 4096);
    }

    @Test
    void countForTheRatio() throws IOException {
      assertEquals(
          "1 unpacks to more than 200 times its size; --limit ratio=N allows more",
          refusedBy("entries=5", oldGnu(LARGEST)));
      assertTrue(Files.size(tree.path("hole")) <= UnpackLimits.RATIO_COUNTS_FROM);
    }
  }

  @Nested
  class Headers {
    @Test
    void withoutEndAreRefused() throws IOException {
      for (char type : new char[] {'x', 'g', 'L', 'K'}) {
        RawTar tar = new RawTar();
        for (int i = 0; i < 100_000; i++) {
          tar.put(RawTar.header("h", type));
        }
        assertEquals("cannot be read: more than 8 extra headers before one entry", refused(tar));
      }
    }

    @Test
    void ofGreatSizeAreRefused() throws IOException {
      for (char type : new char[] {'x', 'g', 'L', 'K'}) {
        RawTar.Header header = RawTar.header("h", type).number(124, 12, 5_000_000_000L);
        assertEquals(
            "cannot be read: an extra header of 5000000000 bytes, more than 1 MiB",
            refused(new RawTar().put(header)));
      }
    }

    @Test
    void withImpossibleNumbersAreRefused() throws IOException {
      for (RawTar tar :
          List.of(
              new RawTar().put(RawTar.header("f", '0').text(124, 12, "-1")),
              new RawTar().put(RawTar.header("f", '0').number(124, 12, -5)),
              new RawTar().put(RawTar.header("f", '0').text(100, 8, "rwxr-xr")),
              new RawTar().pax("size", "-1").file("f", ""),
              new RawTar().pax("uid", "root").file("f", ""),
              new RawTar().pax("mtime", "now").file("f", ""),
              new RawTar().put(RawTar.header("h", 'x'), new byte[] {'9', '9', ' ', 'a'}))) {
        String reason = refused(tar);
        assertTrue(reason.startsWith("cannot be read: "), reason);
      }
    }

    @Test
    void ofHugeTimesAreTaken() throws IOException {
      tree.apply(new RawTar().put(RawTar.header("f", '0').number(136, 12, Long.MAX_VALUE)).bytes());
      assertEquals(List.of("f"), tree.names());
    }

    @Test
    void ofASparseMapOfManyPiecesAreTaken() throws IOException {
      StringBuilder map = new StringBuilder();
      for (int i = 0; i < 60_000; i++) {
        map.append(i * 2).append(",1,");
      }
      RawTar tar = new RawTar();
      tar.pax("GNU.sparse.size", "120000", "GNU.sparse.map", map.append("120000,0").toString());
      tree.apply(tar.file("f", "x".repeat(60_000)).bytes());
      assertEquals("x\0".repeat(60_000), tree.content("f"));
    }

    @Test
    void ofASparseMapThatLiesAreRefused() throws IOException {
      RawTar tar = new RawTar();
      tar.pax("GNU.sparse.size", "2000", "GNU.sparse.map", "1000,3,0,4");
      assertTrue(refused(tar.file("f", "headend")).startsWith("cannot be read: "));
    }
  }
}
