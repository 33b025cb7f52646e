package dev.jrunc.image.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.layer.RawTar;
import dev.jrunc.kernel.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleRemovalTest {
  @TempDir private Path parent;
  private Path web;
  private Path own;

  @BeforeEach
  void build() throws IOException {
    web = parent.resolve("web");
    own = web.resolve(".jimage");
    Bundles.build(Bundles.request(web, "{}", new RawTar().folder("d").file("d/f", "x").bytes()));
  }

  private void remove() {
    new BundleRemoval(Bundles.GATE).remove(web, false);
  }

  private String refused() {
    return String.valueOf(assertThrows(ImageFailure.class, this::remove).getMessage());
  }

  private static boolean isRoot() {
    return Linux.over(Bundles.GATE).credentials().effectiveUid() == 0;
  }

  @Test
  void leavesTheFolder() throws IOException {
    remove();
    assertFalse(Files.exists(own));
    assertEquals(List.of(), Bundles.names(web));
  }

  @Test
  void takesAwayWhatIsUnfinished() throws IOException {
    Files.delete(web.resolve("config.json"));
    Files.writeString(own.resolve("unfinished"), "");
    remove();
    assertFalse(Files.exists(own));
  }

  // Both are parts of names of files that are deleted or mounted.
  @Test
  void believesNoIdThatIsNone() throws IOException {
    Path victim = Files.createDirectories(parent.resolve("victim")).resolve("daemon.json");
    Files.writeString(victim, "untouched");
    String note = Files.readString(own.resolve("bundle.json"));
    String store = "\"store\" : \"" + parent.resolve("store") + "\"";
    String hostile =
        note.replaceFirst("\"id\" : \"[^\"]*\"", "\"id\" : \"../../victim/daemon\"")
            .replaceFirst("\"mode\" : \"copy\"", "\"mode\" : \"overlay\"")
            .replaceFirst("\"store\" : \"[^\"]*\"", store);
    for (String each :
        List.of(hostile, note.replaceFirst("\"ids\" : \"\"", "\"ids\" : \"../x\""))) {
      assertFalse(each.equals(note));
      Files.writeString(own.resolve("bundle.json"), each);
      assertEquals(
          "\""
              + own.resolve("bundle.json")
              + "\" is damaged: its id or ids are none that jimage writes",
          refused());
    }
    assertEquals("untouched", Files.readString(victim));
    assertTrue(Files.exists(web.resolve("config.json")));
  }

  @Test
  void goesThroughNoLink() throws IOException {
    Path elsewhere = parent.resolve("elsewhere");
    Files.move(own, elsewhere);
    Files.createDirectory(elsewhere.resolve("upper"));
    Files.createSymbolicLink(own, elsewhere);
    assertEquals("cannot use \"" + web + "\" as a bundle: its .jimage is no folder", refused());
    assertTrue(Files.exists(elsewhere.resolve("upper")));
    assertTrue(Files.exists(web.resolve("config.json")));
  }

  @Test
  void refusesWhatOthersMayHaveWritten() throws IOException {
    Files.setAttribute(web, "unix:mode", 0770);
    assertEquals(
        "cannot use \""
            + web
            + "\" as a bundle: other users may write there; look at what is in it, then chmod"
            + " go-w it",
        refused());
    Files.setAttribute(web, "unix:mode", 0700);
    Assumptions.assumeTrue(isRoot(), "only root gives files away");
    for (Path each : List.of(own, web)) {
      Files.setAttribute(each, "unix:uid", 7);
      assertEquals("cannot use \"" + web + "\" as a bundle: it belongs to user 7", refused());
      Files.setAttribute(each, "unix:uid", 0);
    }
    assertTrue(Files.exists(own.resolve("bundle.json")));
  }

  @Test
  void keepsItsNoteWhereSomethingStays() throws IOException, InterruptedException {
    Assumptions.assumeTrue(isRoot(), "only root mounts");
    Path place = web.resolve("rootfs/d");
    assertEquals(0, run("mount", "--bind", parent.resolve("web").toString(), place.toString()));
    try {
      assertEquals(
          "cannot remove all of the bundle in \""
              + web
              + "\": \"rootfs/d\": something is mounted there; jimage unbundle takes the rest, once"
              + " that is mended",
          refused());
    } finally {
      assertEquals(0, run("umount", place.toString()));
    }
    assertTrue(Files.exists(own.resolve("bundle.json")));
    remove();
    assertFalse(Files.exists(own));
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }

  // Killed after the rename of config.json, which is the last of its parts.
  @Test
  void whatLacksOnlyTheEndOfItsMakerIsFinished() throws IOException {
    Files.createDirectory(own.resolve("new"));
    Files.writeString(own.resolve("unfinished"), "");
    ImageFailure failure =
        assertThrows(ImageFailure.class, () -> Bundles.build(Bundles.request(web, "{}")));
    assertTrue(String.valueOf(failure.getMessage()).contains("already holds config.json"));
    assertEquals("x", Files.readString(web.resolve("rootfs/d/f")));
    assertFalse(Files.exists(own.resolve("unfinished")));
    assertFalse(Files.exists(own.resolve("new")));
  }
}
