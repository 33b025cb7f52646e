package dev.jrunc.image.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.kernel.FileMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinkTest {
  @TempDir private Path folder;
  private Unpacked tree;

  @BeforeEach
  void makeRoot() throws IOException {
    tree = new Unpacked(folder);
  }

  private void assertSame(String one, String other) {
    assertTrue(tree.status(one).sameFileAs(tree.status(other)), one + " and " + other);
  }

  @Nested
  class Hard {
    @Test
    void isTheSameFile() {
      tree.apply(new RawTar().file("a", "x").hardLink("d/b", "a").hardLink("c", "/d/b").bytes());
      assertSame("a", "d/b");
      assertSame("a", "c");
    }

    @Test
    void toAFileOfALowerLayer() {
      tree.apply(new RawTar().file("a", "x").bytes(), new RawTar().hardLink("b", "a").bytes());
      assertSame("a", "b");
    }

    @Test
    void toALinkIsToTheLinkItself() {
      tree.apply(new RawTar().file("a", "").symlink("s", "a").hardLink("h", "s").bytes());
      assertSame("s", "h");
      assertTrue(tree.status("h").is(FileMode.SYMLINK));
    }

    @Test
    void toALaterEntry() {
      tree.apply(new RawTar().hardLink("b", "a").file("a", "x").bytes());
      assertSame("a", "b");
    }

    @Test
    void withTheSizeOfItsTarget() throws IOException {
      RawTar tar = new RawTar().file("a", "x");
      tar.put(RawTar.header("b", '1').link("a").number(124, 12, 7)).file("after", "y");
      tree.apply(tar.bytes());
      assertEquals("y", tree.content("after"));
      assertSame("a", "b");
    }

    @Test
    void keepsItsContentWhenTheOtherNameIsWrittenAgain() throws IOException {
      byte[] lower = new RawTar().file("a", "old").hardLink("b", "a").bytes();
      tree.apply(lower, new RawTar().file("a", "new").bytes());
      assertEquals("new", tree.content("a"));
      assertEquals("old", tree.content("b"));
    }

    @Test
    void replacesAFileAndAFolder() {
      byte[] lower = new RawTar().file("f", "").folder("d").file("d/x", "").bytes();
      tree.apply(lower, new RawTar().file("a", "").hardLink("f", "a").hardLink("d", "a").bytes());
      assertSame("a", "f");
      assertSame("a", "d");
    }

    @Test
    void throughAnAbsoluteLinkStaysInside() throws IOException {
      byte[] lower = new RawTar().file("real/a", "x").symlink("s", "/real").bytes();
      tree.apply(lower, new RawTar().hardLink("b", "s/a").bytes());
      assertSame("real/a", "b");
    }

    @Test
    void toAHiddenFileIsRefused() throws IOException {
      byte[] upper = new RawTar().file(".wh.a", "").hardLink("b", "a").bytes();
      assertEquals(
          "holds the hard link \"b\" to \"a\", which is not in the image",
          tree.refused(new RawTar().file("a", "").bytes(), upper));
    }

    // CVE-2026-50163, CVE-2021-21272, CVE-2020-27833: targets that only look as if they were
    // inside.
    @Test
    void outOfTheRootIsRefused() throws IOException {
      assertEquals(
          "holds \"../outside/victim\", which leads out of the rootfs",
          tree.refused(new RawTar().hardLink("b", "../outside/victim").bytes()));
      String victim = tree.outside() + "/victim";
      assertTrue(
          tree.refused(new RawTar().hardLink("b", victim).bytes()).endsWith("is not in the image"));
      byte[] through =
          new RawTar().symlink("s", tree.outside().toString()).hardLink("b", "s/victim").bytes();
      assertTrue(tree.refused(through).endsWith("is not in the image"));
    }

    @Test
    void toAFolderOrTheRootIsRefused() throws IOException {
      assertEquals(
          "holds the hard link \"b\" to a folder, \"d\"",
          tree.refused(new RawTar().folder("d").hardLink("b", "d").bytes()));
      assertEquals(
          "holds the hard link \"b\" to \"/\", which is not in the image",
          tree.refused(new RawTar().hardLink("b", "/").bytes()));
    }
  }

  @Nested
  class Symbolic {
    @Test
    void keepsItsTargetAsItIs() throws IOException {
      String out = tree.outside().toString();
      tree.apply(new RawTar().symlink("a", out).symlink("b", "../../x").symlink("c/", "d").bytes());
      assertEquals(out, Files.readSymbolicLink(tree.path("a")).toString());
      assertEquals("../../x", Files.readSymbolicLink(tree.path("b")).toString());
      assertEquals("d", Files.readSymbolicLink(tree.path("c")).toString());
      assertEquals(RawTar.TIME, tree.time("a"));
    }

    @Test
    void leadsToAFolderInside() throws IOException {
      byte[] lower =
          new RawTar().folder("real").symlink("s", "/real").symlink("up", "../../real").bytes();
      tree.apply(lower, new RawTar().file("s/x", "").file("up/y", "").bytes());
      assertEquals(List.of("real/", "real/x", "real/y", "s", "up"), tree.names());
    }

    @Test
    void leadsNowhereOutside() throws IOException {
      String out = tree.outside().toString();
      RawTar tar = new RawTar().symlink("s", out).symlink("t", "../outside").symlink("u", "s");
      tar.file("s/victim", "hostile").file("t/victim", "hostile").file("u/x", "hostile");
      tar.folder("s/sub").symlink("s/l", "x").put(RawTar.header("s", '5').mode(0700));
      tree.apply(tar.bytes());
      tree.assertOutsideUntouched();
      assertEquals(0700, tree.mode("s"));
    }

    @Test
    void inALoopGivesWayToAFolder() throws IOException {
      tree.apply(new RawTar().symlink("a", "b").symlink("b", "a").file("a/x", "").bytes());
      assertEquals(List.of("a/", "a/x", "b"), tree.names());
    }

    @Test
    void isReplacedByAFolderWithContent() throws IOException {
      byte[] lower = new RawTar().folder("real").symlink("s", "real").bytes();
      tree.apply(lower, new RawTar().folder("s").file("s/x", "").bytes());
      assertEquals(List.of("real/", "s/", "s/x"), tree.names());
    }

    @Test
    void inPlaceOfAFolderLeavesTheTimeOfItsTarget() {
      RawTar lower = new RawTar().put(RawTar.header("d/sub", '5').mode(0755).time(1));
      lower.put(RawTar.header("d", '5').mode(0755).time(1));
      lower.put(RawTar.header("a", '5').mode(0755).time(2)).folder("a/sub");
      tree.apply(lower.bytes(), new RawTar().symlink("d", "a").bytes());
      assertEquals(2, tree.time("a"));
      assertEquals(RawTar.TIME, tree.time("a/sub"));
    }

    @Test
    void isReplacedAndNotFollowedByAFile() throws IOException {
      byte[] lower = new RawTar().symlink("s", tree.outside() + "/victim").bytes();
      tree.apply(lower, new RawTar().file("s", "new").bytes());
      assertEquals("new", tree.content("s"));
      tree.assertOutsideUntouched();
    }
  }
}
