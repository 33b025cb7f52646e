package dev.jrunc.image.bundle;

import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.layer.LayerUnpacker;
import dev.jrunc.image.layer.TreeForm;
import dev.jrunc.image.layer.UnpackBudget;
import dev.jrunc.image.layer.UnpackOptions;
import dev.jrunc.image.store.ImageStore;
import dev.jrunc.image.tree.TreeRecord;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.Timestamp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** All layers, unpacked into a folder of the bundle's own; or cloned where they lie unpacked. */
final class CopiedRootfs implements Rootfs {
  private static final String FRESH = BundleFolder.NEW + "/rootfs";

  private final Linux linux;
  private final ImageStore store;
  private final BundleRequest request;
  private final String id;
  private @Nullable Descriptor root;

  CopiedRootfs(Linux linux, ImageStore store, BundleRequest request, String id) {
    this.linux = linux;
    this.store = store;
    this.request = request;
    this.id = id;
  }

  @Override
  public Descriptor make(BundleFolder folder, String workingDirectory) {
    linux.files().mkdir(folder.handle(), FRESH, 0700);
    int flags = OpenFlags.RDONLY | OpenFlags.DIRECTORY | OpenFlags.NOFOLLOW;
    Descriptor rootfs = linux.files().open(folder.handle(), FRESH, flags, 0);
    root = rootfs;
    // The root is 0755 unless the image says otherwise, or no user but root could enter it.
    linux.files().chmod(rootfs, 0755);
    Timestamp epoch = new Timestamp(0, 0);
    linux.files().setTimes(rootfs, "", epoch, epoch, 0);
    Path file = folder.path().resolve(BundleFolder.OWN).resolve("record");
    try (TreeRecord record =
        request.options().recorded()
            ? TreeRecord.to(Files.newOutputStream(file))
            : TreeRecord.none()) {
      record.implied("");
      UnpackOptions options =
          new UnpackOptions(
              TreeForm.PLAIN,
              new UnpackBudget(request.options().limits()),
              record,
              !request.options().ids().isEmpty(),
              request.options().notices());
      try (ClonableLayers layers = ClonableLayers.find(linux, store, request, id, folder)) {
        if (layers == null) {
          new LayerUnpacker(linux.gate(), rootfs, options)
              .apply(request.layers(), workingDirectory);
        } else {
          layers.cloneTo(rootfs, options, workingDirectory);
        }
      }
      return rootfs;
    } catch (IOException e) {
      throw Reasons.cannotWrite(file, e);
    }
  }

  @Override
  public void publish(BundleFolder folder) {
    linux.files().rename(folder.handle(), FRESH, folder.handle(), BundleFolder.ROOTFS);
  }

  @Override
  public void undo() {}

  @Override
  public void close() {
    if (root != null) {
      root.close();
    }
  }
}
