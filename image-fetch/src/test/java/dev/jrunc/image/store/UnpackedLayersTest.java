package dev.jrunc.image.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.jnr.JnrGate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnpackedLayersTest {
  private static final Gate GATE = new JnrGate();
  private static final Digest ONE = Digest.sha256("1".getBytes(StandardCharsets.UTF_8));
  private static final Digest TWO = Digest.sha256("2".getBytes(StandardCharsets.UTF_8));

  @TempDir private Path folder;
  private UnpackedLayers layers;
  private BundleRegister register;
  private Path bundle;

  @BeforeEach
  void open() throws IOException {
    Path store = folder.resolve("store");
    layers = new UnpackedLayers(new ImageStore(store));
    register = new BundleRegister(store);
    bundle = Files.createDirectories(folder.resolve("web/.jimage")).resolveSibling(".");
  }

  private void unpack(Digest chainId) throws IOException {
    UnpackedLayers.Work made = layers.begin();
    Files.createDirectories(made.folder().resolve("tree/d"));
    Files.writeString(made.folder().resolve("tree/d/f"), "x");
    layers.commit(made, chainId);
    layers.discard(GATE, made);
  }

  @Test
  void showsALayerWhenItIsWhole() throws IOException {
    UnpackedLayers.Work made = layers.begin();
    Files.createDirectories(made.folder().resolve("tree"));
    assertFalse(layers.has(ONE));
    assertEquals(List.of(), layers.all());
    layers.commit(made, ONE);
    assertTrue(layers.has(ONE));
    assertEquals(List.of(ONE), layers.all());
    assertFalse(Files.exists(made.folder()));
  }

  @Test
  void keepsTheLayerOfWhoeverWasFaster() throws IOException {
    unpack(ONE);
    Path first = layers.tree(ONE).resolve("d/f");
    Files.writeString(first, "first");
    unpack(ONE);
    assertEquals("first", Files.readString(first));
    try (var left = Files.list(folder.resolve("store/layers"))) {
      assertEquals(1, left.count());
    }
  }

  @Test
  void collectsWhatNobodyUses() throws IOException {
    unpack(ONE);
    assertEquals(List.of(ONE), layers.collect(GATE, _ -> {}));
    assertFalse(layers.has(ONE));
    try (var left = Files.list(folder.resolve("store/layers"))) {
      assertEquals(0, left.count());
    }
  }

  @Test
  void keepsWhatABundleAtWorkOrThereUses() throws IOException {
    unpack(ONE);
    unpack(TWO);
    register.enter("b1", bundle, List.of(ONE)).close();
    Files.writeString(bundle.resolve(".jimage/bundle.json"), "{\"id\":\"b1\"}");
    assertEquals(List.of(TWO), layers.collect(GATE, _ -> {}));
    assertTrue(layers.has(ONE));
  }

  @Test
  void forgetsABundleThatWasRemovedByHandOrMadeAnew() throws IOException {
    unpack(ONE);
    register.enter("b1", bundle, List.of(ONE)).close();
    Files.writeString(bundle.resolve(".jimage/bundle.json"), "{\"id\":\"b2\"}");
    assertEquals(List.of(ONE), layers.collect(GATE, _ -> {}));
    assertEquals(List.of(), register.all());
  }

  // As after a power cut, or a full disk when entries were not written aside.
  @Test
  void doesWithoutAnEntryThatCannotBeRead() throws IOException {
    unpack(ONE);
    unpack(TWO);
    register.enter("b1", bundle, List.of(ONE)).close();
    Files.writeString(bundle.resolve(".jimage/bundle.json"), "{\"id\":\"b1\"}");
    Path empty = folder.resolve("store/bundles/b2.json");
    Files.writeString(empty, "");
    Files.writeString(folder.resolve("store/bundles/b3.json.new"), "{");
    assertEquals(1, register.all().size());
    List<String> notices = new ArrayList<>();
    assertEquals(List.of(TWO), layers.collect(GATE, notices::add));
    assertEquals(
        List.of("removed \"" + empty + "\", which does not say what bundle it is of"), notices);
    try (var left = Files.list(folder.resolve("store/bundles"))) {
      assertEquals(List.of("b1.json"), left.map(file -> file.getFileName().toString()).toList());
    }
  }

  // Before Linux 6.8 a mount does not show what its layers are called, as this one does not.
  @Test
  void keepsWhatAMountUsesWhoseBundleIsGone() throws IOException, InterruptedException {
    Assumptions.assumeTrue(Linux.over(GATE).credentials().effectiveUid() == 0, "only root mounts");
    unpack(ONE);
    register.enter("b1", bundle, List.of(ONE)).close();
    Path lower = Files.createSymbolicLink(folder.resolve("lower"), layers.tree(ONE));
    Path upper = Files.createDirectories(folder.resolve("web/.jimage/upper"));
    Path work = Files.createDirectories(folder.resolve("web/.jimage/work"));
    Path place = Files.createDirectories(folder.resolve("place"));
    String options = "lowerdir=" + lower + ",upperdir=" + upper + ",workdir=" + work;
    run("mount", "-t", "overlay", "-o", options, "overlay", place.toString());
    try {
      register.leaveUnlessMounted("b1", bundle);
      assertEquals(List.of(), layers.collect(GATE, _ -> {}));
      assertTrue(layers.has(ONE));
    } finally {
      run("umount", place.toString());
    }
    register.leaveUnlessMounted("b1", bundle);
    assertEquals(List.of(), register.all());
    assertEquals(List.of(ONE), layers.collect(GATE, _ -> {}));
  }

  private static void run(String... command) throws IOException, InterruptedException {
    assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
  }

  @Test
  void registersABundleUnderItsNameOnlyWhenItsEntryIsWhole() throws IOException {
    try (BundleRegister.Entry _ = register.enter("b1", bundle, List.of(ONE))) {
      assertTrue(register.all().getFirst().atWork());
      Path taken = folder.resolve("store/bundles/b2.json");
      Files.createDirectories(taken.resolve("in the way"));
      assertThrows(ImageFailure.class, () -> register.enter("b2", bundle, List.of()));
      assertFalse(Files.exists(taken.resolveSibling("b2.json.new")));
    }
  }

  // Its name holds no number of a process, which would be another in another PID namespace.
  @Test
  void collectsWhatAKilledProcessLeftAndNothingElse() throws IOException {
    Path dead = folder.resolve("store/layers/.new-x");
    UnpackedLayers.Work killed = layers.begin();
    killed.end();
    UnpackedLayers.Work alive = layers.begin();
    Files.createDirectories(dead.resolve("tree"));
    layers.collect(GATE, _ -> {});
    assertFalse(Files.exists(dead));
    assertFalse(Files.exists(killed.folder()));
    assertTrue(Files.exists(alive.folder()));
    layers.discard(GATE, alive);
    assertTrue(layers.isEmpty());
  }
}
