package dev.jrunc.image.overlay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.bundle.BundleBuilder;
import dev.jrunc.image.bundle.BundleCheck;
import dev.jrunc.image.bundle.BundleMode;
import dev.jrunc.image.bundle.IdMaps;
import dev.jrunc.image.layer.RawTar;
import dev.jrunc.spec.IdMapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Shared and cloned layers show what unpacking into one tree shows, in the cases where engines
 * differ too.
 */
class SameTreeTest extends OverlayBundles {
  // As a user without root, who mounts with "userxattr" and in the end not himself.
  private void sameForUsers(Map<String, String> expected, RawTar... tars) {
    List<IdMapping> all = List.of(new IdMapping(0, 0, 4294967295L));
    IdMaps ids = new IdMaps(all, all);
    new BundleBuilder(GATE, store).build(request(users, BundleMode.OVERLAY, ids, tars));
    assertEquals(String.join("\n", lines(expected)), String.join("\n", lines(tree(users))));
    assertEquals(List.of(), new BundleCheck(GATE).check(users, true).drifts());
  }

  // The file systems of tests share no bytes: this kernel says that it does, and copies.
  private void sameForClones(Map<String, String> expected, RawTar... tars) throws IOException {
    CloningGate gate = new CloningGate(GATE);
    new BundleBuilder(gate.gate(), store).build(request(cloned, BundleMode.COPY, tars));
    assertEquals(String.join("\n", lines(expected)), String.join("\n", lines(tree(cloned))));
    assertEquals(List.of(), new BundleCheck(GATE).check(cloned, true).drifts());
    assertEquals(
        Files.readString(copy.resolve("config.json")),
        Files.readString(cloned.resolve("config.json")));
    assertTrue(gate.clones() > 0, "it did not clone");
  }

  /** Asserts that all modes show the same and that all are as unpacked; answers the names. */
  private List<String> same(RawTar... tars) throws IOException {
    bundle(copy, BundleMode.COPY, tars);
    bundle(overlay, BundleMode.OVERLAY, tars);
    Map<String, String> expected = tree(copy);
    assertEquals(String.join("\n", lines(expected)), String.join("\n", lines(tree(overlay))));
    assertEquals(
        Files.readString(copy.resolve("config.json")),
        Files.readString(overlay.resolve("config.json")));
    for (Path bundle : List.of(copy, overlay)) {
      assertEquals(
          List.of(), new BundleCheck(GATE).check(bundle, true).drifts(), bundle.toString());
    }
    sameForUsers(expected, tars);
    sameForClones(expected, tars);
    List<String> names = new ArrayList<>(expected.keySet());
    names.removeIf(name -> name.isEmpty() || name.startsWith("srv"));
    return names;
  }

  private static List<String> lines(Map<String, String> tree) {
    return tree.entrySet().stream().map(each -> each.getKey() + " " + each.getValue()).toList();
  }

  @Test
  void ofPlainLayers() throws IOException {
    RawTar upper = new RawTar().folder("d").file("d/a", "new").folder("e").file("e/x", "x");
    upper.put(RawTar.header("p", '6')).hardLink("h", "e/x").symlink("d/l", "a");
    assertEquals(
        List.of(
            "abs", "d", "d/a", "d/b", "d/l", "d/sub", "d/sub/c", "e", "e/x", "f", "h", "p", "s"),
        same(lower(), upper));
  }

  @Test
  void whereAWhiteoutComesAfterTheNewFile() throws IOException {
    RawTar upper = new RawTar().folder("d").file("d/a", "new").file("d/.wh.a", "");
    assertEquals(
        List.of("abs", "d", "d/a", "d/b", "d/sub", "d/sub/c", "f", "s"), same(lower(), upper));
  }

  @Test
  void whereAHiddenFolderIsMadeAgain() throws IOException {
    RawTar before = new RawTar().file(".wh.d", "").folder("d").file("d/only", "");
    assertEquals(List.of("abs", "d", "d/only", "f", "s"), same(lower(), before));
  }

  @Test
  void whereAFolderIsOpaqueAndAlsoHasWhiteouts() throws IOException {
    RawTar upper = new RawTar().folder("d").file("d/new", "").file("d/.wh.a", "");
    upper.file("d/.wh..wh..opq", "").file("d/.wh.sub", "");
    assertEquals(List.of("abs", "d", "d/new", "f", "s"), same(lower(), upper));
  }

  @Test
  void whereTheRootIsOpaque() throws IOException {
    assertEquals(List.of("x"), same(lower(), new RawTar().file(".wh..wh..opq", "").file("x", "")));
  }

  @Test
  void whereAHardLinkLeadsToALowerLayer() throws IOException {
    same(lower(), new RawTar().hardLink("h", "d/a").file(".wh.f", ""));
    assertEquals("lower a", Files.readString(overlay.resolve("rootfs/h")));
  }

  @Test
  void whereAFolderTakesThePlaceOfAFile() throws IOException {
    same(lower(), new RawTar().file("f/below", "x"));
    assertTrue(Files.isRegularFile(overlay.resolve("rootfs/f/below")));
  }

  @Test
  void whereANameGoesThroughALinkOfALowerLayer() throws IOException {
    same(lower(), new RawTar().file("s/x", "through"));
    assertEquals("through", Files.readString(overlay.resolve("rootfs/abs/x")));
  }

  @Test
  void whereAWhiteoutGoesThroughALinkOfALowerLayer() throws IOException {
    same(lower(), new RawTar().file("abs/victim", ""), new RawTar().file("s/.wh.victim", ""));
    assertFalse(Files.exists(overlay.resolve("rootfs/abs/victim")));
  }

  @Test
  void whereAParentIsNotNamed() throws IOException {
    same(lower(), new RawTar().file("d/sub/deep/x", ""), new RawTar().file("d/.wh.b", ""));
  }

  @Test
  void whereWhiteoutsHideNothing() throws IOException {
    RawTar upper = new RawTar().file(".wh.none", "").file("none/.wh.x", "").file("f/.wh.x", "");
    same(lower(), upper);
  }

  @Test
  void whereAttributesLookLikeOverlays() throws IOException {
    RawTar upper = new RawTar();
    upper.pax("SCHILY.xattr.trusted.overlay.opaque", "y").folder("d");
    upper.pax("SCHILY.xattr.trusted.overlay.whiteout", "y").file("w", "");
    upper.pax("SCHILY.xattr.trusted.overlay.redirect", "/abs").folder("r");
    upper.pax("SCHILY.xattr.user.k", "a\0\n=b").file("u", "");
    assertTrue(same(lower(), upper).contains("d/a"));
  }

  @Test
  void ofManyLayers() throws IOException {
    RawTar[] tars = new RawTar[60];
    for (int i = 0; i < tars.length; i++) {
      tars[i] = new RawTar().folder("d").file("d/" + i, "x").file("d/.wh." + (i - 2), "");
    }
    assertEquals(List.of("d", "d/58", "d/59"), same(tars));
  }
}
