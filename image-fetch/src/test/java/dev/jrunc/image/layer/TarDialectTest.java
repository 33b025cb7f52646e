package dev.jrunc.image.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarDialectTest {
  private static final String LONG = "d".repeat(200) + "/" + "f".repeat(255);

  @TempDir private Path folder;
  private Unpacked tree;

  @BeforeEach
  void makeRoot() throws IOException {
    tree = new Unpacked(folder);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Nested
  class Names {
    @Test
    void longOnesOfPax() throws IOException {
      RawTar tar = new RawTar().pax("path", LONG).file("short", "x");
      tar.pax("linkpath", LONG).symlink("s", "short").pax("linkpath", LONG).hardLink("h", "short");
      tree.apply(tar.bytes());
      assertEquals("x", tree.content(LONG));
      assertEquals("x", tree.content("h"));
      assertEquals(LONG, Files.readSymbolicLink(tree.path("s")).toString());
    }

    @Test
    void longOnesOfGnu() throws IOException {
      RawTar tar = new RawTar().gnuLong('L', LONG).file("short", "x");
      tree.apply(tar.gnuLong('K', LONG).hardLink("h", "short").bytes());
      assertEquals("x", tree.content("h"));
      assertEquals("x", tree.content(LONG));
    }

    @Test
    void ofV7HaveNoMagic() throws IOException {
      RawTar.Header header = RawTar.header("d/f", '\0').text(257, 8, "\0".repeat(8)).mode(0640);
      tree.apply(new RawTar().put(header, bytes("x")).bytes());
      assertEquals(List.of("d/", "d/f"), tree.names());
      assertEquals(0640, tree.mode("d/f"));
    }

    @Test
    void withThePrefixOfUstar() throws IOException {
      RawTar tar = new RawTar().put(RawTar.header("name", '0').text(345, 155, "some/folder"));
      tree.apply(tar.bytes());
      assertEquals(List.of("some/", "some/folder/", "some/folder/name"), tree.names());
    }

    @Test
    void ofAnyEncodingKeepTheirBytes() {
      RawTar tar = new RawTar().file("plain\u00ff", "").pax("path", "pax\u00fe").file("x", "");
      tree.apply(
          tar.gnuLong('L', "gnu\u00fd")
              .file("x", "")
              .folder("d\u00e9")
              .file("d\u00e9/x", "")
              .bytes());
      assertEquals(
          List.of("d\u00e9", "gnu\u00fd", "pax\u00fe", "plain\u00ff"),
          tree.rawNames().stream().sorted().toList());
    }

    @Test
    void inUtf8AreThoseThatPeopleWrote() throws IOException {
      String raw = new String("café".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
      tree.apply(new RawTar().file(raw, "x").bytes());
      assertEquals(List.of(raw), tree.rawNames());
      assertEquals(
          "holds \"../café\", which leads out of the rootfs",
          tree.refused(new RawTar().file("../" + raw, "").bytes()));
    }

    @Test
    void withASlashAtTheEndAreFoldersOfOldTars() throws IOException {
      tree.apply(new RawTar().put(RawTar.header("d/", '\0').mode(0755)).file("d/x", "").bytes());
      assertEquals(List.of("d/", "d/x"), tree.names());
    }

    @Test
    void withDotsAndDoubleSlashesAreTheSame() throws IOException {
      tree.apply(new RawTar().file("./a//b/./c", "x").hardLink("e", ".//a/b/c").bytes());
      assertEquals(List.of("a/", "a/b/", "a/b/c", "e"), tree.names());
    }
  }

  @Nested
  class Contents {
    @Test
    void mayBeEmptyOrFillTheirRecords() throws IOException {
      String full = "x".repeat(512);
      tree.apply(new RawTar().file("none", "").file("full", full).file("more", full + "y").bytes());
      assertEquals("", tree.content("none"));
      assertEquals(full, tree.content("full"));
      assertEquals(full + "y", tree.content("more"));
    }

    @Test
    void withSizesInBase256AndPax() throws IOException {
      RawTar tar = new RawTar().pax("size", "3").put(RawTar.header("f", '0')).content(bytes("abc"));
      byte[] big = new byte[12];
      big[0] = (byte) 0x80;
      big[11] = 3;
      RawTar.Header header =
          RawTar.header("g", '0').text(124, 12, new String(big, StandardCharsets.ISO_8859_1));
      tree.apply(tar.put(header).content(bytes("def")).file("after", "x").bytes());
      assertEquals("abc", tree.content("f"));
      assertEquals("def", tree.content("g"));
      assertEquals("x", tree.content("after"));
    }

    @Test
    void ofOldContiguousFilesAreContents() throws IOException {
      tree.apply(new RawTar().put(RawTar.header("f", '7'), bytes("x")).bytes());
      assertEquals("x", tree.content("f"));
    }
  }

  @Nested
  class Sparse {
    // 4 bytes at 0, a hole, 3 bytes at 1000, a hole up to 2000.
    private static final String DATA = "headend";

    private void assertSparse(RawTar tar) throws IOException {
      tree.apply(tar.file("after", "x").bytes());
      byte[] expected = new byte[2000];
      System.arraycopy(bytes("head"), 0, expected, 0, 4);
      System.arraycopy(bytes("end"), 0, expected, 1000, 3);
      assertTrue(Arrays.equals(expected, Files.readAllBytes(tree.path("sparse"))));
      assertEquals("x", tree.content("after"));
    }

    private static RawTar.Header oldGnu() {
      return RawTar.header("sparse", 'S').text(257, 8, "ustar  \0").number(483, 12, 2000);
    }

    @Test
    void ofOldGnu() throws IOException {
      RawTar.Header header = oldGnu().number(386, 12, 0).number(398, 12, 4);
      header.number(410, 12, 1000).number(422, 12, 3).number(434, 12, 2000).number(446, 12, 0);
      assertSparse(new RawTar().put(header, bytes(DATA)));
    }

    @Test
    void ofOldGnuWithMoreThanItsHeaderHolds() throws IOException {
      RawTar.Header header = oldGnu().number(124, 12, 7).text(482, 1, "\u0001");
      for (int i = 0; i < 4; i++) {
        header.number(386 + 24 * i, 12, i).number(398 + 24 * i, 12, 1);
      }
      byte[] more = new byte[512];
      byte[] map = bytes(octal(1000) + octal(3) + octal(2000) + octal(0));
      System.arraycopy(map, 0, more, 0, map.length);
      assertSparse(new RawTar().put(header).raw(more).content(bytes(DATA)));
    }

    private static String octal(long value) {
      return "%011o\0".formatted(value);
    }

    @Test
    void ofPax00() throws IOException {
      RawTar tar = new RawTar();
      tar.pax(
          "GNU.sparse.size",
          "2000",
          "GNU.sparse.numblocks",
          "3",
          "GNU.sparse.offset",
          "0",
          "GNU.sparse.numbytes",
          "4",
          "GNU.sparse.offset",
          "1000",
          "GNU.sparse.numbytes",
          "3",
          "GNU.sparse.offset",
          "2000",
          "GNU.sparse.numbytes",
          "0");
      assertSparse(tar.file("sparse", DATA));
    }

    @Test
    void ofPax01() throws IOException {
      RawTar tar = new RawTar();
      tar.pax(
          "GNU.sparse.size",
          "2000",
          "GNU.sparse.numblocks",
          "3",
          "GNU.sparse.map",
          "0,4,1000,3,2000,0",
          "GNU.sparse.name",
          "sparse");
      assertSparse(tar.file("GNUSparseFile.1/sparse", DATA));
    }

    @Test
    void ofPax10() throws IOException {
      RawTar tar = new RawTar();
      tar.pax(
          "GNU.sparse.major",
          "1",
          "GNU.sparse.minor",
          "0",
          "GNU.sparse.name",
          "sparse",
          "GNU.sparse.realsize",
          "2000");
      String map = "3\n0\n4\n1000\n3\n2000\n0\n";
      assertSparse(
          tar.file("GNUSparseFile.1/sparse", map + "\0".repeat(512 - map.length()) + DATA));
    }
  }

  @Nested
  class End {
    @Test
    void mayHaveNoZeros() throws IOException {
      tree.apply(new RawTar().file("f", "content").unended());
      assertEquals("content", tree.content("f"));
    }

    @Test
    void mayHaveNoPaddingOfTheLastFile() throws IOException {
      tree.apply(
          new RawTar().put(RawTar.header("f", '0').number(124, 12, 3)).raw(bytes("abc")).unended());
      assertEquals("abc", tree.content("f"));
    }

    @Test
    void mayBeOneRecordOfZerosOrAPartOfIt() throws IOException {
      tree.apply(
          new RawTar().file("f", "x").raw(new byte[512]).unended(),
          new RawTar().file("g", "x").raw(new byte[100]).unended());
      assertEquals(List.of("f", "g"), tree.names());
    }

    @Test
    void mayBeFollowedByAnything() throws IOException {
      RawTar more = new RawTar().file("f", "x").raw(new byte[1024]).raw(new byte[9000]);
      tree.apply(more.file("hidden", "").raw(bytes("garbage")).unended());
      RawTar one = new RawTar().file("g", "x").raw(new byte[512]).raw(bytes("garbage".repeat(200)));
      tree.apply(one.unended());
      assertEquals(List.of("f", "g"), tree.names());
    }

    @Test
    void mayBeAllThereIs() throws IOException {
      tree.apply(new byte[0], new RawTar().bytes());
      assertEquals(List.of(), tree.names());
    }
  }
}
