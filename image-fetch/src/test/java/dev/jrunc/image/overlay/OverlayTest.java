package dev.jrunc.image.overlay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.bundle.BundleBuilder;
import dev.jrunc.image.bundle.BundleCheck;
import dev.jrunc.image.bundle.BundleMode;
import dev.jrunc.image.bundle.BundleMount;
import dev.jrunc.image.bundle.BundleRemoval;
import dev.jrunc.image.bundle.BundleRequest;
import dev.jrunc.image.bundle.FailingGate;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.layer.LayerSource;
import dev.jrunc.image.layer.RawTar;
import dev.jrunc.image.layer.TreeForm;
import dev.jrunc.image.layer.UnpackLimits;
import dev.jrunc.image.store.UnpackedLayers;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SystemCall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What holds shared layers, and what goes with a bundle. */
class OverlayTest extends OverlayBundles {
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
  class ACopyOfLayersThatAreThere {
    @Test
    void isMadeWithoutSharedBytesToo() throws IOException {
      bundle(overlay, BundleMode.OVERLAY, lower());
      for (int errno : new int[] {Errno.EXDEV, Errno.EOPNOTSUPP, Errno.EINVAL}) {
        Gate gate = FailingGate.refusing(GATE, SystemCall.IOCTL, errno);
        new BundleBuilder(gate, store).build(request(copy, BundleMode.COPY, lower()));
        assertEquals(tree(overlay), tree(copy));
        new BundleRemoval(GATE).remove(copy, false);
      }
    }

    @Test
    void holdsNoLayerAfterwards() {
      bundle(overlay, BundleMode.OVERLAY, lower());
      new BundleRemoval(GATE).remove(overlay, false);
      CloningGate gate = new CloningGate(GATE);
      new BundleBuilder(gate.gate(), store).build(request(cloned, BundleMode.COPY, lower()));
      assertTrue(gate.clones() > 1);
      assertEquals(1, new UnpackedLayers(store).collect(GATE, _ -> {}).size());
      assertEquals(List.of(), new BundleCheck(GATE).check(cloned, true).drifts());
    }

    @Test
    void isRefusedWhereALayerWasChanged() throws IOException {
      bundle(overlay, BundleMode.OVERLAY, lower());
      Digest id = new UnpackedLayers(store).all().getFirst();
      Files.writeString(new UnpackedLayers(store).tree(id).resolve("d/a"), "longer than it was");
      CloningGate gate = new CloningGate(GATE);
      ImageFailure failure =
          assertThrows(
              ImageFailure.class,
              () ->
                  new BundleBuilder(gate.gate(), store)
                      .build(request(cloned, BundleMode.COPY, lower())));
      assertTrue(
          String.valueOf(failure.getMessage()).endsWith("not as it was unpacked: \"d/a\""),
          failure.getMessage());
      assertFalse(Files.exists(cloned));
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
