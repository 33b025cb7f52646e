package dev.jrunc.image.bundle;

import dev.jrunc.image.digest.ChainId;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.layer.LayerSource;
import dev.jrunc.image.layer.TreeClone;
import dev.jrunc.image.layer.UnpackOptions;
import dev.jrunc.image.store.BundleRegister;
import dev.jrunc.image.store.ImageStore;
import dev.jrunc.image.store.UnpackedLayers;
import dev.jrunc.image.tree.TreeManifest;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The layers of a bundle as overlay bundles have left them in the store, on a file system where the
 * bundle's files can share their bytes (xfs, btrfs). Registered for as long, so that none is
 * dropped meanwhile.
 */
final class ClonableLayers implements AutoCloseable {
  private static final String PROBE = BundleFolder.NEW + "/probe";

  // All of the records are in memory at once, about three bytes for one of them.
  private static final long LARGEST_RECORDS = 32L << 20;

  private final Linux linux;
  private final BundleRegister register;
  private final String id;
  private final BundleRegister.Entry entry;
  private final List<Path> trees;
  private final List<Path> records;

  private ClonableLayers(
      Linux linux,
      BundleRegister register,
      String id,
      BundleRegister.Entry entry,
      List<Path> trees,
      List<Path> records) {
    this.linux = linux;
    this.register = register;
    this.id = id;
    this.entry = entry;
    this.trees = trees;
    this.records = records;
  }

  /** Null where one is missing, or bytes cannot be shared: then the layers are unpacked. */
  static @Nullable ClonableLayers find(
      Linux linux, ImageStore store, BundleRequest request, String id, BundleFolder folder) {
    UnpackedLayers layers = new UnpackedLayers(store, request.options().ids().key());
    List<Digest> chain = ChainId.of(request.layers().stream().map(LayerSource::diffId).toList());
    if (chain.isEmpty() || !chain.stream().allMatch(layers::has)) {
      return null;
    }
    BundleRegister register = new BundleRegister(store.root());
    ClonableLayers found =
        new ClonableLayers(
            linux,
            register,
            id,
            register.enter(id, folder.path(), chain),
            chain.stream().map(layers::tree).toList(),
            chain.stream().map(layers::record).toList());
    // Again: they were not held before.
    if (chain.stream().allMatch(layers::has) && found.isSmall() && found.works(folder)) {
      return found;
    }
    found.close();
    return null;
  }

  private boolean isSmall() {
    long size = 0;
    try {
      for (Path record : records) {
        size += Files.size(record);
      }
      return size > 0 && size <= LARGEST_RECORDS;
    } catch (IOException e) {
      return false;
    }
  }

  private boolean works(BundleFolder folder) {
    int fresh = OpenFlags.WRONLY | OpenFlags.CREAT | OpenFlags.EXCL | OpenFlags.NOFOLLOW;
    try (Descriptor from = open(records.getFirst(), OpenFlags.RDONLY | OpenFlags.NOFOLLOW);
        Descriptor to = linux.files().open(folder.handle(), PROBE, fresh, 0600)) {
      return TreeClone.works(linux, from, to);
    } finally {
      linux.files().unlinkRaw(folder.handle(), PROBE, 0);
    }
  }

  /** Makes the tree of them below {@code root}. */
  void cloneTo(Descriptor root, UnpackOptions options, String workingDirectory) {
    List<Descriptor> open = new ArrayList<>();
    try {
      for (Path each : trees) {
        open.add(open(each, OpenFlags.PATH | OpenFlags.DIRECTORY | OpenFlags.NOFOLLOW));
      }
      new TreeClone(linux.gate(), root, options)
          .make(open, TreeManifest.read(records), workingDirectory);
    } finally {
      open.forEach(Descriptor::close);
    }
  }

  private Descriptor open(Path path, int flags) {
    return linux.files().open(linux.currentDirectory(), path.toString(), flags, 0);
  }

  @Override
  public void close() {
    register.leave(id);
    entry.close();
  }
}
