package dev.jrunc.image.bundle;

import dev.jrunc.image.digest.ChainId;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.layer.LayerSource;
import dev.jrunc.image.layer.LayerUnpacker;
import dev.jrunc.image.layer.TreeForm;
import dev.jrunc.image.layer.UnpackBudget;
import dev.jrunc.image.layer.UnpackOptions;
import dev.jrunc.image.overlay.LayerStack;
import dev.jrunc.image.overlay.OverlayMount;
import dev.jrunc.image.store.BundleRegister;
import dev.jrunc.image.store.ImageStore;
import dev.jrunc.image.store.UnpackedLayers;
import dev.jrunc.image.tree.TreeRecord;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Layers of the store, mounted below a folder of the bundle's own that takes its changes. The
 * bundle is registered in the store before the first layer is looked at, so none is dropped.
 */
final class OverlaidRootfs implements Rootfs {
  static final String UPPER = BundleFolder.OWN + "/upper";
  static final String WORK = BundleFolder.OWN + "/work";

  private final Linux linux;
  private final ImageStore store;
  private final BundleRequest request;
  private final String id;
  private final BundleRegister register;
  private BundleRegister.@Nullable Entry entry;
  private @Nullable Descriptor mount;

  OverlaidRootfs(Linux linux, ImageStore store, BundleRequest request, String id) {
    this.linux = linux;
    this.store = store;
    this.request = request;
    this.id = id;
    this.register = new BundleRegister(store.root());
  }

  @Override
  public Descriptor make(BundleFolder folder, String workingDirectory) {
    if (!request.options().ids().isEmpty()) {
      throw new ImageFailure(
          "only root can mount what others see too: use --mode copy, or run jimage as root");
    }
    if (request.layers().isEmpty()) {
      throw new ImageFailure("the image has no layers to share; use --mode copy");
    }
    List<Digest> chain = ChainId.of(request.layers().stream().map(LayerSource::diffId).toList());
    entry = register.enter(id, folder.path(), chain);
    UnpackedLayers layers = new UnpackedLayers(store);
    LayerStack stack =
        new LayerStack(
            linux.gate(),
            layers,
            TreeForm.OVERLAY,
            request.options().limits(),
            request.options().notices());
    stack.ensure(request.layers());
    linux.files().mkdir(folder.handle(), UPPER, 0700);
    linux.files().mkdir(folder.handle(), WORK, 0700);
    Path upper = folder.path().resolve(UPPER);
    List<Path> trees = chain.stream().map(layers::tree).toList();
    stack.copyRoot(trees.get(trees.size() - 1), upper);
    Descriptor made =
        OverlayMount.make(linux, TreeForm.OVERLAY, trees, upper, folder.path().resolve(WORK));
    mount = made;
    Path file = folder.path().resolve(BundleFolder.OWN).resolve("record");
    try (TreeRecord record = TreeRecord.to(Files.newOutputStream(file))) {
      UnpackBudget budget = new UnpackBudget(request.options().limits());
      UnpackOptions options =
          new UnpackOptions(TreeForm.PLAIN, budget, record, false, request.options().notices());
      new LayerUnpacker(linux.gate(), made, options).apply(List.of(), workingDirectory);
    } catch (IOException e) {
      throw Reasons.cannotWrite(file, e);
    }
    linux.files().mkdir(folder.handle(), BundleFolder.NEW + "/rootfs", 0755);
    return made;
  }

  @Override
  public void publish(BundleFolder folder) {
    String fresh = BundleFolder.NEW + "/rootfs";
    linux.files().rename(folder.handle(), fresh, folder.handle(), BundleFolder.ROOTFS);
    if (mount == null) {
      throw new IllegalStateException("not made");
    }
    folder.attach(mount);
  }

  @Override
  public void undo() {
    register.leave(id);
  }

  @Override
  public void close() {
    if (mount != null) {
      mount.close();
    }
    if (entry != null) {
      entry.close();
    }
  }
}
