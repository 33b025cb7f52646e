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
import dev.jrunc.spec.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Layers of the store, mounted below a folder of the bundle's own that takes its changes. The
 * bundle is registered in the store before the first layer is looked at, so none is dropped.
 *
 * <p>What a user without root mounts nobody else sees: so the mount made here is only to finish the
 * tree, and config.json has it as the first mount, for the runtime to make in the container's user
 * namespace.
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
  private List<Mount> inConfig = List.of();

  OverlaidRootfs(Linux linux, ImageStore store, BundleRequest request, String id) {
    this.linux = linux;
    this.store = store;
    this.request = request;
    this.id = id;
    this.register = new BundleRegister(store.root());
  }

  @Override
  public Descriptor make(BundleFolder folder, String workingDirectory) {
    if (request.layers().isEmpty()) {
      throw new ImageFailure("the image has no layers to share; use --mode copy");
    }
    List<Digest> chain = ChainId.of(request.layers().stream().map(LayerSource::diffId).toList());
    entry = register.enter(id, folder.path(), chain);
    IdMaps ids = request.options().ids();
    TreeForm form = ids.isEmpty() ? TreeForm.OVERLAY : TreeForm.USER_OVERLAY;
    UnpackedLayers layers = new UnpackedLayers(store, ids.key());
    LayerStack stack =
        new LayerStack(
            linux.gate(), layers, form, request.options().limits(), request.options().notices());
    stack.ensure(request.layers());
    linux.files().mkdir(folder.handle(), UPPER, 0700);
    linux.files().mkdir(folder.handle(), WORK, 0700);
    Path upper = folder.path().resolve(UPPER);
    Path work = folder.path().resolve(WORK);
    List<Path> trees = chain.stream().map(layers::tree).toList();
    stack.copyRoot(trees.get(trees.size() - 1), upper);
    if (form.isUsers()) {
      inConfig = List.of(OverlayMount.inConfig(trees, upper, work));
    }
    Descriptor made = OverlayMount.make(linux, form, trees, upper, work);
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
  public List<Mount> mounts() {
    return inConfig;
  }

  @Override
  public void publish(BundleFolder folder) {
    String fresh = BundleFolder.NEW + "/rootfs";
    linux.files().rename(folder.handle(), fresh, folder.handle(), BundleFolder.ROOTFS);
    if (mount == null) {
      throw new IllegalStateException("not made");
    }
    if (inConfig.isEmpty()) {
      folder.attach(mount);
    }
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
