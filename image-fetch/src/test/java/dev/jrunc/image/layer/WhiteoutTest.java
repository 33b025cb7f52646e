package dev.jrunc.image.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WhiteoutTest {
  private static final byte[] LOWER =
      new RawTar()
          .folder("d")
          .file("d/a", "lower")
          .file("d/b", "lower")
          .folder("d/sub")
          .file("d/sub/c", "lower")
          .bytes();

  @TempDir private Path folder;
  private Unpacked tree;

  @BeforeEach
  void makeRoot() throws IOException {
    tree = new Unpacked(folder);
  }

  private List<String> over(RawTar upper) throws IOException {
    return tree.apply(LOWER, upper.bytes()).names();
  }

  @Nested
  class OfAName {
    @Test
    void hidesAFileOfALowerLayer() throws IOException {
      assertEquals(
          List.of("d/", "d/b", "d/sub/", "d/sub/c"), over(new RawTar().file("d/.wh.a", "")));
    }

    @Test
    void hidesAWholeFolder() throws IOException {
      assertEquals(List.of(), over(new RawTar().file(".wh.d", "")));
    }

    @Test
    void ofAnyKindHides() throws IOException {
      RawTar upper =
          new RawTar().symlink("d/.wh.a", "x").folder("d/.wh.b").hardLink("d/.wh.sub", "x");
      assertEquals(List.of("d/"), over(upper));
    }

    @Test
    void ofNothingDoesNothing() throws IOException {
      RawTar upper =
          new RawTar().file("d/.wh.none", "").file("none/.wh.x", "").file("d/a/.wh.x", "");
      assertEquals(List.of("d/", "d/a", "d/b", "d/sub/", "d/sub/c"), over(upper));
    }

    @Test
    void keepsWhatTheSameLayerMadeInEitherOrder() throws IOException {
      RawTar upper =
          new RawTar()
              .file("d/a", "new")
              .file("d/.wh.a", "")
              .file("d/.wh.b", "")
              .file("d/b", "new");
      assertEquals(List.of("d/", "d/a", "d/b", "d/sub/", "d/sub/c"), over(upper));
      assertEquals("new", tree.content("d/a"));
      assertEquals("new", tree.content("d/b"));
    }

    @Test
    void keepsAHardLinkOfTheSameLayer() throws IOException {
      RawTar upper = new RawTar().hardLink("d/a", "d/b").file("d/.wh.a", "");
      assertEquals(List.of("d/", "d/a", "d/b", "d/sub/", "d/sub/c"), over(upper));
      assertEquals(2, tree.status("d/a").links());
    }

    @Test
    void ofAFolderMadeAgainLeavesOnlyTheNewChildrenInEitherOrder() throws IOException {
      RawTar before = new RawTar().file(".wh.d", "").folder("d").file("d/only", "");
      assertEquals(List.of("d/", "d/only"), over(before));
      Unpacked other = new Unpacked(java.nio.file.Files.createDirectory(folder.resolve("other")));
      RawTar after = new RawTar().folder("d").file("d/only", "").file(".wh.d", "");
      assertEquals(List.of("d/", "d/only"), other.apply(LOWER, after.bytes()).names());
    }

    @Test
    void keepsTheTimeOfTheFolder() {
      tree.apply(LOWER, new RawTar().file("d/.wh.a", "").bytes());
      assertEquals(RawTar.TIME, tree.time("d"));
    }

    @Test
    void throughALinkOutOfTheRootHidesNothingOutside() throws IOException {
      byte[] link = new RawTar().symlink("out", tree.outside().toString()).bytes();
      tree.apply(link, new RawTar().file("out/.wh.victim", "").bytes());
      tree.assertOutsideUntouched();
    }

    @Test
    void ofALinkRemovesTheLinkAndNotItsTarget() throws IOException {
      byte[] links =
          new RawTar().symlink("l", "d").symlink("out", tree.outside().toString()).bytes();
      tree.apply(LOWER, links, new RawTar().file(".wh.l", "").file(".wh.out", "").bytes());
      assertEquals(List.of("d/", "d/a", "d/b", "d/sub/", "d/sub/c"), tree.names());
      tree.assertOutsideUntouched();
    }

    @Test
    void thatNamesNothingIsRefused() throws IOException {
      for (String name : new String[] {".wh.", "d/.wh..", "d/.wh..."}) {
        String reason = tree.refused(new RawTar().file(name, "").bytes());
        assertEquals("holds the whiteout \"" + name + "\", which names nothing to hide", reason);
      }
    }

    @Test
    void recordOfAufsIsNoFile() throws IOException {
      RawTar upper =
          new RawTar()
              .folder(".wh..wh.plnk")
              .file(".wh..wh.plnk/12.34", "")
              .file(".wh..wh.aufs", "");
      List<String> names = over(upper);
      assertTrue(names.stream().noneMatch(name -> name.contains(".wh.")), names::toString);
    }
  }

  @Nested
  class OfAllInAFolder {
    @Test
    void hidesLowerChildrenWhenItComesFirst() throws IOException {
      RawTar upper = new RawTar().folder("d").file("d/.wh..wh..opq", "").file("d/new", "");
      assertEquals(List.of("d/", "d/new"), over(upper));
    }

    @Test
    void hidesLowerChildrenWhenItComesLast() throws IOException {
      RawTar upper =
          new RawTar()
              .folder("d")
              .file("d/a", "new")
              .file("d/sub/new", "")
              .file("d/.wh..wh..opq", "");
      assertEquals(List.of("d/", "d/a", "d/sub/", "d/sub/new"), over(upper));
      assertEquals("new", tree.content("d/a"));
    }

    @Test
    void ofTheRootHidesAll() throws IOException {
      assertEquals(List.of("x"), over(new RawTar().file("x", "").file(".wh..wh..opq", "")));
    }

    @Test
    void ofAMissingFolderDoesNothing() throws IOException {
      assertEquals(5, over(new RawTar().file("none/.wh..wh..opq", "")).size());
    }

    @Test
    void beyondALinkOutOfTheRootHidesNothingOutside() throws IOException {
      byte[] link = new RawTar().symlink("out", tree.outside().toString()).bytes();
      tree.apply(link, new RawTar().file("out/.wh..wh..opq", "").bytes());
      tree.assertOutsideUntouched();
    }
  }
}
