package dev.jrunc.image.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.tree.TreeRecord;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Layers that broke out of other unpackers, by the number of the report. docs/layers.md has them
 * all, with the tests of the rest.
 */
class KnownAttackTest {
  @TempDir private Path folder;
  private Unpacked tree;

  @BeforeEach
  void makeRoot() throws IOException {
    tree = new Unpacked(folder);
  }

  /** CVE-2021-32760, containerd: the mode of a file of the host was changed. */
  @Test
  void noModeOfTheHostIsChanged() throws IOException {
    Path victim = tree.outside().resolve("victim");
    Files.setAttribute(victim, "unix:mode", 0600);
    RawTar tar = new RawTar().symlink("s", victim.toString());
    tar.put(RawTar.header("h", '1').link("s").mode(0777));
    tar.put(RawTar.header("s", '2').link(victim.toString()).mode(04777).owner(12, 12));
    tree.apply(tar.bytes(), new RawTar().put(RawTar.header("h", '0').mode(0777)).bytes());
    assertEquals(0600, (int) Files.getAttribute(victim, "unix:mode") & 07777);
    tree.assertOutsideUntouched();
  }

  /** CVE-2014-9356, CVE-2014-6407: a link to the host, and then a file or a link through it. */
  @Test
  void noLinkLeadsAFileOrALinkOut() throws IOException {
    String out = tree.outside().toString();
    RawTar tar = new RawTar().symlink("a", out).hardLink("b", "a").file("b/victim", "hostile");
    tar.symlink("c", "a/../outside").file("c/victim", "hostile").symlink("d", "/proc/self/root");
    tar.file("d" + out + "/victim", "hostile");
    tree.apply(tar.bytes());
    tree.assertOutsideUntouched();
  }

  /** CVE-2014-9357: layers packed with xz were unpacked by a program run in the image's root. */
  @Test
  void nothingIsUnpackedByAnotherProgram() throws IOException {
    byte[] xz = {(byte) 0xfd, '7', 'z', 'X', 'Z', 0, 0, 4};
    byte[] padded = java.util.Arrays.copyOf(xz, 1024);
    assertEquals("cannot be read: damaged header: its checksum is wrong", tree.refused(padded));
  }

  /**
   * CVE-2025-47290, containerd 2.1.0: between the look at a folder and its use it became a link.
   * Here a thread exchanges a folder and a link to the outside for as long as files are made in it.
   */
  @Test
  void noRaceLeadsOut() throws Exception {
    Path real = tree.path("d");
    Path link = Files.createSymbolicLink(tree.path("l"), tree.outside());
    Files.createDirectory(real);
    RawTar tar = new RawTar();
    for (int i = 0; i < 3000; i++) {
      // Now and then another folder, so that d is looked up again.
      tar.file("d/f" + i, "hostile").folder("e" + i % 7).file("e" + i % 7 + "/x" + i, "");
    }
    AtomicBoolean done = new AtomicBoolean();
    Thread exchanging =
        Thread.ofPlatform()
            .start(() -> {
              while (!done.get()) {
                exchange(real, link);
              }
            });
    try {
      tree.apply(tar.bytes());
    } catch (LayerRefused e) {
      // A path that changes under the hands may be refused, too.
      assertTrue(String.valueOf(e.getMessage()).startsWith("layer 1 "), e.getMessage());
    } finally {
      done.set(true);
      exchanging.join();
    }
    assertEquals("untouched", Files.readString(tree.outside().resolve("victim")));
    try (var files = Files.list(tree.outside())) {
      assertEquals(1, files.count(), "files outside");
    }
  }

  // renameat2(2) with RENAME_EXCHANGE would do it in one step; two renames race as well.
  private static void exchange(Path one, Path other) {
    Path between = one.resolveSibling("between");
    try {
      Files.move(one, between);
      Files.move(other, one);
      Files.move(between, other);
    } catch (IOException e) {
      // The unpacker made the folder anew meanwhile.
    }
  }

  /** CVE-2017-14992, docker: a few kilobytes unpack to more than any disk holds. */
  @Test
  void noLayerIsWithoutEnd() throws IOException {
    byte[] three = new RawTar().file("a", "").file("b", "").file("c", "x".repeat(2000)).bytes();
    assertEquals("", refused(new UnpackLimits(6, 10_000, 9, 9), three, three));
    assertEquals(
        "layer 2 is where the image comes to more than 5 entries; --limit entries=N allows more",
        refused(new UnpackLimits(5, 10_000, 9, 9), three, three));
    // All layers together, whatever each is by itself; both are inflated at once.
    assertEquals(
        "layer N is where the image comes to more than 9000 bytes; --limit bytes=N allows more",
        refused(new UnpackLimits(9, 9000, 9, 9), three, three).replaceFirst("[12]", "N"));
    assertEquals(
        "layer 1 holds a name of 4 folders",
        refused(new UnpackLimits(9, 9000, 3, 9), new RawTar().file("a/b/c/d", "").bytes()));
  }

  private String refused(UnpackLimits limits, byte[]... tars) {
    UnpackOptions options =
        new UnpackOptions(
            TreeForm.PLAIN, new UnpackBudget(limits), TreeRecord.none(), false, _ -> {});
    try {
      tree.apply(Unpacked.GATE, options, tars);
      return "";
    } catch (LayerRefused e) {
      return String.valueOf(e.getMessage()).replaceFirst(" \\(sha256:[0-9a-f]+\\)", "");
    }
  }

  /** A link of procfs leads past every root, so none is followed. */
  @Test
  void noMagicLinkIsFollowed() throws IOException {
    Linux linux = Linux.over(Unpacked.GATE, StandardCharsets.ISO_8859_1);
    int flags = OpenFlags.RDONLY | OpenFlags.DIRECTORY;
    try (Descriptor root =
            linux.files().open(linux.currentDirectory(), tree.path("").toString(), flags, 0);
        RootTree inside = new RootTree(linux, root, TreeRecord.none(), false)) {
      Files.createSymbolicLink(tree.path("p"), Path.of("/proc/self/cwd"));
      assertNull(inside.find("p"));
    }
  }
}
