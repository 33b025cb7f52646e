package dev.jrunc.image.overlay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.bundle.BundleBuilder;
import dev.jrunc.image.bundle.BundleCheck;
import dev.jrunc.image.bundle.BundleMode;
import dev.jrunc.image.bundle.BundleMount;
import dev.jrunc.image.bundle.BundleNote;
import dev.jrunc.image.bundle.BundleOptions;
import dev.jrunc.image.bundle.BundleRemoval;
import dev.jrunc.image.bundle.BundleRequest;
import dev.jrunc.image.bundle.FailingGate;
import dev.jrunc.image.bundle.IdMaps;
import dev.jrunc.image.bundle.Profile;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.layer.LayerSource;
import dev.jrunc.image.layer.RawTar;
import dev.jrunc.image.layer.TreeForm;
import dev.jrunc.image.layer.UnpackLimits;
import dev.jrunc.image.store.ImageStore;
import dev.jrunc.image.store.UnpackedLayers;
import dev.jrunc.image.tree.FileFacts;
import dev.jrunc.image.tree.TreeReader;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SystemCall;
import dev.jrunc.kernel.jnr.JnrGate;
import dev.jrunc.spec.IdMapping;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shared layers show what unpacking into one tree shows, in the cases where engines differ too. */
class OverlayTest {
  private static final Gate GATE = new JnrGate();

  @TempDir private Path folder;
  private ImageStore store;
  private Path copy;
  private Path overlay;
  private Path users;

  @BeforeEach
  void prepare() {
    Linux linux = Linux.over(GATE);
    Assumptions.assumeTrue(linux.credentials().effectiveUid() == 0, "only root mounts");
    store = new ImageStore(folder.resolve("store"));
    copy = folder.resolve("copy");
    overlay = folder.resolve("overlay");
    users = folder.resolve("users");
  }

  @AfterEach
  void unmount() throws IOException {
    for (Path bundle : List.of(copy, overlay, users)) {
      if (Files.exists(bundle.resolve(".jimage/bundle.json"))) {
        new BundleRemoval(GATE).remove(bundle, true);
      }
    }
    assertFalse(
        Files.readString(Path.of("/proc/self/mountinfo")).contains(folder.toString()),
        "a mount is left");
  }

  private static BundleRequest request(Path bundle, BundleMode mode, RawTar... tars) {
    return request(bundle, mode, IdMaps.none(), tars);
  }

  private static BundleRequest request(Path bundle, BundleMode mode, IdMaps ids, RawTar... tars) {
    List<LayerSource> layers = new ArrayList<>();
    for (RawTar tar : tars) {
      byte[] bytes = tar.unended();
      Digest digest = Digest.sha256(bytes);
      layers.add(
          new LayerSource(
              layers.size() + 1, digest.toString(), digest, () -> new ByteArrayInputStream(bytes)));
    }
    BundleOptions options =
        new BundleOptions(mode, Profile.JRUNC, null, true, UnpackLimits.DEFAULT, ids, _ -> {});
    byte[] json = "{\"config\":{\"WorkingDir\":\"/srv/w\"}}".getBytes(StandardCharsets.UTF_8);
    return new BundleRequest(bundle, "web", "sha256:0", layers, json, options);
  }

  private void bundle(Path bundle, BundleMode mode, RawTar... tars) {
    new BundleBuilder(GATE, store).build(request(bundle, mode, tars));
  }

  private static Map<String, String> tree(Path bundle) {
    TreeMap<String, String> tree = new TreeMap<>();
    try (Descriptor root = new BundleCheck(GATE).rootfs(bundle, BundleNote.of(bundle))) {
      TreeReader reader = new TreeReader(GATE, false);
      reader.walk(
          root,
          (path, facts, parent, name) -> {
            String content = facts.kind() == '-' ? reader.sha256(parent, name) : "";
            tree.put(path, shown(facts) + content);
          });
    }
    return tree;
  }

  private static String shown(FileFacts facts) {
    TreeMap<String, String> extended = new TreeMap<>();
    facts
        .extended()
        .forEach(
            (name, value) -> extended.put(name, new String(value, StandardCharsets.ISO_8859_1)));
    return "%c %o %d:%d %d %s %s %s %s ="
        .formatted(
            facts.kind(),
            facts.mode(),
            facts.uid(),
            facts.gid(),
            facts.size(),
            facts.modified(),
            facts.target(),
            extended,
            facts.same());
  }

  // As a user without root, who mounts with "userxattr" and in the end not himself.
  private void sameForUsers(Map<String, String> expected, RawTar... tars) {
    List<IdMapping> all = List.of(new IdMapping(0, 0, 4294967295L));
    IdMaps ids = new IdMaps(all, all);
    new BundleBuilder(GATE, store).build(request(users, BundleMode.OVERLAY, ids, tars));
    assertEquals(String.join("\n", lines(expected)), String.join("\n", lines(tree(users))));
    assertEquals(List.of(), new BundleCheck(GATE).check(users, true).drifts());
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
    List<String> names = new ArrayList<>(expected.keySet());
    names.removeIf(name -> name.isEmpty() || name.startsWith("srv"));
    return names;
  }

  private static List<String> lines(Map<String, String> tree) {
    return tree.entrySet().stream().map(each -> each.getKey() + " " + each.getValue()).toList();
  }

  private static RawTar lower() {
    return new RawTar()
        .put(RawTar.header("./", '5').mode(0751).owner(3, 4))
        .put(RawTar.header("d", '5').mode(0710).owner(1, 2).time(7))
        .file("d/a", "lower a")
        .file("d/b", "lower b")
        .folder("d/sub")
        .file("d/sub/c", "c")
        .folder("abs")
        .symlink("s", "/abs")
        .file("f", "file");
  }

  @Nested
  class TheSameTree {
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
      assertEquals(
          List.of("x"), same(lower(), new RawTar().file(".wh..wh..opq", "").file("x", "")));
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

  @Nested
  class Layers {
    private UnpackedLayers layers() {
      return new UnpackedLayers(store);
    }

    @Test
    void areSharedAndStayWhileABundleUsesThem() {
      RawTar upper = new RawTar().folder("d").file("d/a", "new");
      bundle(overlay, BundleMode.OVERLAY, lower(), upper);
      assertEquals(2, layers().all().size());
      Path second = folder.resolve("second");
      bundle(second, BundleMode.OVERLAY, lower(), upper);
      assertEquals(2, layers().all().size());
      assertEquals(List.of(), layers().collect(GATE, _ -> {}));
      new BundleRemoval(GATE).remove(second, false);
      assertEquals(List.of(), layers().collect(GATE, _ -> {}));
      new BundleRemoval(GATE).remove(overlay, false);
      assertEquals(2, layers().collect(GATE, _ -> {}).size());
    }

    // After a power cut nobody could tell a layer with empty files from a whole one.
    @Test
    void areNotShownBeforeTheDiskHasThem() {
      Gate gate = FailingGate.refusing(GATE, SystemCall.SYNCFS, Errno.EIO);
      ImageFailure failure =
          assertThrows(
              ImageFailure.class,
              () ->
                  new BundleBuilder(gate, store)
                      .build(request(overlay, BundleMode.OVERLAY, lower(), throughALink("a"))));
      assertTrue(String.valueOf(failure.getMessage()).contains("input/output error"));
      assertTrue(layers().isEmpty());
    }

    // Both upper ones can only be unpacked where the lower one is, which is a second attempt.
    @Test
    void countOnceAndTogetherForTheLimits() {
      RawTar[] tars = {lower(), throughALink("a"), throughALink("b")};
      List<LayerSource> sources = request(overlay, BundleMode.OVERLAY, tars).layers();
      ImageFailure failure =
          assertThrows(ImageFailure.class, () -> stack("entries=15").ensure(sources));
      assertEquals(
          "layer 3 (NAME) is where the image comes to more than 15 entries;"
              + " --limit entries=N allows more",
          String.valueOf(failure.getMessage()).replaceFirst("\\(.*?\\)", "(NAME)"));
      layers().collect(GATE, _ -> {});
      assertEquals(3, stack("entries=19").ensure(sources).size());
    }

    private RawTar throughALink(String name) {
      RawTar tar = new RawTar();
      for (int i = 0; i < 5; i++) {
        tar.file("s/" + name + i, "x");
      }
      return tar;
    }

    private LayerStack stack(String limit) {
      UnpackLimits limits = UnpackLimits.DEFAULT.with(List.of(limit));
      return new LayerStack(GATE, layers(), TreeForm.OVERLAY, limits, _ -> {});
    }

    @Test
    void doNotChangeWithABundle() throws IOException {
      bundle(overlay, BundleMode.OVERLAY, lower(), new RawTar().file("x", ""));
      Files.writeString(overlay.resolve("rootfs/d/a"), "changed");
      Files.delete(overlay.resolve("rootfs/d/b"));
      Path second = folder.resolve("second");
      bundle(second, BundleMode.OVERLAY, lower(), new RawTar().file("x", ""));
      assertEquals("lower a", Files.readString(second.resolve("rootfs/d/a")));
      assertTrue(Files.exists(second.resolve("rootfs/d/b")));
      new BundleRemoval(GATE).remove(second, false);
    }

    @Test
    void ofAHostileImageAreNotShown() {
      RawTar hostile = new RawTar().file("../x", "");
      ImageFailure failure =
          assertThrows(
              ImageFailure.class, () -> bundle(overlay, BundleMode.OVERLAY, lower(), hostile));
      assertTrue(String.valueOf(failure.getMessage()).startsWith("layer 2 "), failure.getMessage());
      assertFalse(Files.exists(overlay));
      assertFalse(Files.exists(folder.resolve("x")));
      layers().collect(GATE, _ -> {});
      assertEquals(List.of(), layers().all());
    }

    @Test
    void withAnotherDiffIdAreRefused() {
      BundleRequest good =
          request(overlay, BundleMode.OVERLAY, lower(), new RawTar().file("x", ""));
      LayerSource second = good.layers().get(1);
      LayerSource lying =
          new LayerSource(2, second.name(), Digest.sha256(new byte[1]), second.opener());
      BundleRequest bad =
          new BundleRequest(
              overlay,
              "web",
              "sha256:0",
              List.of(good.layers().get(0), lying),
              good.configuration(),
              good.options());
      ImageFailure failure =
          assertThrows(ImageFailure.class, () -> new BundleBuilder(GATE, store).build(bad));
      assertTrue(
          String.valueOf(failure.getMessage()).contains("has the wrong content"),
          failure.getMessage());
      assertFalse(Files.exists(overlay));
    }
  }

  @Nested
  class AfterARestart {
    @Test
    void theMountComesBackWithWhatWasChanged() throws IOException {
      bundle(overlay, BundleMode.OVERLAY, lower());
      Files.writeString(overlay.resolve("rootfs/d/a"), "changed");
      BundleMount mount = new BundleMount(GATE);
      assertEquals(BundleMount.Outcome.ALREADY, mount.mount(overlay));
      Linux linux = Linux.over(GATE);
      assertEquals(0, linux.mounts().unmountRaw(overlay + "/rootfs", 0));
      ImageFailure failure =
          assertThrows(ImageFailure.class, () -> new BundleCheck(GATE).check(overlay, false));
      assertTrue(String.valueOf(failure.getMessage()).endsWith("jimage mount does it"));
      assertEquals(BundleMount.Outcome.MOUNTED, mount.mount(overlay));
      assertEquals("changed", Files.readString(overlay.resolve("rootfs/d/a")));
      assertEquals("file", Files.readString(overlay.resolve("rootfs/f")));
    }

    @Test
    void aCopyNeedsNoMount() {
      bundle(copy, BundleMode.COPY, lower());
      assertEquals(BundleMount.Outcome.NONE, new BundleMount(GATE).mount(copy));
    }

    @Test
    void aLayerThatIsGoneIsNamed() throws IOException {
      bundle(overlay, BundleMode.OVERLAY, lower());
      assertEquals(0, Linux.over(GATE).mounts().unmountRaw(overlay + "/rootfs", 0));
      Path layers = folder.resolve("store/layers");
      Files.move(layers, layers.resolveSibling("moved"));
      ImageFailure failure =
          assertThrows(ImageFailure.class, () -> new BundleMount(GATE).mount(overlay));
      assertTrue(String.valueOf(failure.getMessage()).contains(" is gone; "));
    }
  }

  @Nested
  class AfterAKill {
    @Test
    void theNextBundleClearsAwayWhatIsUnfinished() throws IOException {
      bundle(overlay, BundleMode.OVERLAY, lower());
      // As if its maker had been killed between the mount and the last rename.
      Files.delete(overlay.resolve("config.json"));
      Files.writeString(overlay.resolve(".jimage/unfinished"), "");
      Path second = folder.resolve("second");
      bundle(second, BundleMode.OVERLAY, lower());
      assertFalse(Files.exists(overlay.resolve(".jimage")));
      assertFalse(Files.exists(overlay.resolve("rootfs")));
      new BundleRemoval(GATE).remove(second, false);
    }

    @Test
    void theSameFolderCanBeUsedAgain() throws IOException {
      bundle(copy, BundleMode.COPY, lower());
      Files.delete(copy.resolve("config.json"));
      Files.writeString(copy.resolve(".jimage/unfinished"), "");
      bundle(copy, BundleMode.COPY, lower());
      assertTrue(Files.exists(copy.resolve("config.json")));
      assertFalse(Files.exists(copy.resolve(".jimage/unfinished")));
    }
  }
}
