package dev.jrunc.image.overlay;

import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.jrunc.image.bundle.BundleBuilder;
import dev.jrunc.image.bundle.BundleCheck;
import dev.jrunc.image.bundle.BundleMode;
import dev.jrunc.image.bundle.BundleNote;
import dev.jrunc.image.bundle.BundleOptions;
import dev.jrunc.image.bundle.BundleRemoval;
import dev.jrunc.image.bundle.BundleRequest;
import dev.jrunc.image.bundle.IdMaps;
import dev.jrunc.image.bundle.Profile;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.layer.LayerSource;
import dev.jrunc.image.layer.RawTar;
import dev.jrunc.image.layer.UnpackLimits;
import dev.jrunc.image.store.ImageStore;
import dev.jrunc.image.tree.FileFacts;
import dev.jrunc.image.tree.TreeReader;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.jnr.JnrGate;
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
import org.junit.jupiter.api.io.TempDir;

/** A store, and bundles of the same layers made of it in several ways. */
abstract class OverlayBundles {
  static final Gate GATE = new JnrGate();

  @TempDir Path folder;
  ImageStore store;
  Path copy;
  Path overlay;
  Path users;
  Path cloned;

  @BeforeEach
  void prepare() {
    Linux linux = Linux.over(GATE);
    Assumptions.assumeTrue(linux.credentials().effectiveUid() == 0, "only root mounts");
    store = new ImageStore(folder.resolve("store"));
    copy = folder.resolve("copy");
    overlay = folder.resolve("overlay");
    users = folder.resolve("users");
    cloned = folder.resolve("cloned");
  }

  @AfterEach
  void unmount() throws IOException {
    for (Path bundle : List.of(copy, overlay, users, cloned)) {
      if (Files.exists(bundle.resolve(".jimage/bundle.json"))) {
        new BundleRemoval(GATE).remove(bundle, true);
      }
    }
    assertFalse(
        Files.readString(Path.of("/proc/self/mountinfo")).contains(folder.toString()),
        "a mount is left");
  }

  static BundleRequest request(Path bundle, BundleMode mode, RawTar... tars) {
    return request(bundle, mode, IdMaps.none(), tars);
  }

  static BundleRequest request(Path bundle, BundleMode mode, IdMaps ids, RawTar... tars) {
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

  void bundle(Path bundle, BundleMode mode, RawTar... tars) {
    new BundleBuilder(GATE, store).build(request(bundle, mode, tars));
  }

  static Map<String, String> tree(Path bundle) {
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

  static String shown(FileFacts facts) {
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

  static RawTar lower() {
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
}
