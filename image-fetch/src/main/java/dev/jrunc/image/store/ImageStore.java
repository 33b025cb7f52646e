package dev.jrunc.image.store;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.digest.VerifyingStream;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.ImageConfiguration;
import dev.jrunc.image.manifest.ManifestDocument.ImageManifest;
import dev.jrunc.image.manifest.ManifestReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * An OCI image layout with the images on this machine.
 *
 * <pre>
 *   oci-layout   index.json   blobs/sha256/...   what other tools read
 *   .index.json                                  a copy, for the day when the other is damaged
 *   .lock                                        held while index.json changes
 *   .tmp/NAME/                                   a pull at work, see {@link Staging}
 *   .partial/                                    layers on their way, see {@link PartialBlob}
 *   layers/   bundles/                           unpacked, see {@link UnpackedLayers}, and in use
 * </pre>
 */
public final class ImageStore {
  private final Path root;

  public ImageStore(Path root) {
    this.root = root.toAbsolutePath().normalize();
  }

  public Path root() {
    return root;
  }

  public List<StoredImage> images() {
    return index().images();
  }

  /** The image with this full name. */
  public StoredImage find(String name) {
    StoredImage image = index().find(name);
    if (image == null) {
      throw new ImageFailure(
          "image \"%s\" is not in the store \"%s\"; pull it first with jimage pull"
              .formatted(name, root));
    }
    return image;
  }

  public StoredImage lastPulled() {
    LayoutIndex index = index();
    StoredImage image = index.lastPulled() == null ? null : index.find(index.lastPulled());
    if (image == null) {
      throw new ImageFailure(
          "no image was pulled into the store \"%s\" yet; name one, or pull it first with jimage pull"
              .formatted(root));
    }
    return image;
  }

  /** The documents of an image; they are small, so they are verified at each reading. */
  public ImageContent content(StoredImage image) {
    ManifestReader reader = new ManifestReader("manifest of " + image.name());
    byte[] bytes = document(image.manifest());
    if (!(reader.read(bytes, image.manifest().mediaType()) instanceof ImageManifest manifest)) {
      throw new ImageFailure(
          "the entry of " + image.name() + " in the store is an index, not an image");
    }
    byte[] config = document(manifest.config());
    return new ImageContent(
        image,
        manifest,
        config,
        ImageConfiguration.read(config, "configuration of " + image.name()));
  }

  /** The stored bytes of a blob, verified while they are read. */
  public InputStream open(Descriptor blob) {
    Path file = path(blob.digest());
    try {
      return new VerifyingStream(Files.newInputStream(file), blob.digest(), blob.size());
    } catch (IOException e) {
      throw Reasons.cannotRead(file, e);
    }
  }

  /**
   * The stored bytes of a layer as they are, for whoever checks its diff_id: that is a digest of
   * the same content.
   */
  public InputStream openUnchecked(Descriptor layer) {
    Path file = path(layer.digest());
    try {
      return Files.newInputStream(file);
    } catch (IOException e) {
      throw Reasons.cannotRead(file, e);
    }
  }

  /** Whether a blob of this name and size is there; its content was verified when it was stored. */
  public boolean has(Descriptor blob) {
    try {
      return Files.size(path(blob.digest())) == blob.size();
    } catch (IOException e) {
      return false;
    }
  }

  /** Mends what somebody damaged by hand, and says what it was. Blobs are for a pull to mend. */
  public List<String> mend() {
    LayoutWriter.createFolder(root);
    try (StoreLock _ = StoreLock.take(root)) {
      return new StoreRepair(this).mend();
    }
  }

  /** Begins to bring an image in. */
  public Staging stage() {
    return Staging.begin(this);
  }

  /** Gives an image one more name. */
  public StoredImage tag(String name, String another) {
    try (StoreLock _ = StoreLock.take(root)) {
      StoredImage image = find(name);
      StoredImage named =
          new StoredImage(
              another, image.manifest(), image.platform(), image.pulled(), image.resolved());
      new LayoutWriter(root).writeIndex(index().with(named));
      return named;
    }
  }

  /** How the bytes of the store are shared among its images. */
  public DiskUse diskUse() {
    return DiskUse.of(this);
  }

  /** Removes what no image needs; or, {@code dry}, only says what that is. */
  public Reclaimed collectGarbage(boolean dry) {
    if (!Files.isDirectory(root)) {
      return new Reclaimed(List.of(), 0);
    }
    try (StoreLock _ = StoreLock.take(root)) {
      List<String> files = new ArrayList<>();
      long bytes = 0;
      for (GarbageCollection.Garbage garbage : new GarbageCollection(this).find()) {
        if (dry || GarbageCollection.delete(garbage)) {
          files.add(root.relativize(garbage.file()).toString());
          bytes += garbage.size();
        }
      }
      return new Reclaimed(files, bytes);
    } catch (IOException e) {
      throw Reasons.cannotWrite(root, e);
    }
  }

  /** Takes the name away, and those of its blobs that no other image needs. */
  public List<Digest> remove(String name) {
    find(name);
    try (StoreLock _ = StoreLock.take(root)) {
      LayoutIndex before = index();
      LayoutIndex after = before.without(name);
      Set<Digest> garbage = garbage(find(name), after);
      new LayoutWriter(root).writeIndex(after);
      for (Digest digest : garbage) {
        delete(path(digest));
      }
      return List.copyOf(garbage);
    }
  }

  /** What only {@code leaving} needs; nothing, as long as it is not known what the others need. */
  private Set<Digest> garbage(StoredImage leaving, LayoutIndex staying) {
    // What another tool put here may share blobs with us: its images are not ours to judge.
    if (!staying.foreign().isEmpty()) {
      return Set.of();
    }
    Set<Digest> garbage = new HashSet<>();
    try {
      content(leaving).blobs().forEach(blob -> garbage.add(blob.digest()));
      for (StoredImage image : staying.images()) {
        content(image).blobs().forEach(blob -> garbage.remove(blob.digest()));
      }
      garbage.removeAll(Staging.leased(this));
    } catch (ImageFailure | IOException e) {
      // A damaged image can still be removed; what it leaves behind costs only space.
      return Set.of();
    }
    return garbage;
  }

  Path path(Digest digest) {
    return root.resolve("blobs").resolve(digest.relativePath());
  }

  Path folder(Digest digest) {
    return root.resolve("blobs").resolve(digest.algorithm().word());
  }

  LayoutIndex index() {
    Path file = root.resolve("index.json");
    try {
      return LayoutIndex.read(Files.readAllBytes(file), "\"" + file + "\"");
    } catch (NoSuchFileException e) {
      return LayoutIndex.empty();
    } catch (IOException e) {
      throw Reasons.cannotRead(file, e);
    } catch (ImageFailure e) {
      throw new ImageFailure(e.getMessage() + "; the next jimage pull mends it", e);
    }
  }

  /** A manifest or a configuration, verified. */
  public byte[] document(Descriptor descriptor) {
    if (descriptor.size() > ManifestReader.LARGEST) {
      throw new ImageFailure(
          "blob %s is larger than %d bytes".formatted(descriptor.digest(), ManifestReader.LARGEST));
    }
    try (InputStream content = open(descriptor)) {
      return content.readAllBytes();
    } catch (IOException e) {
      throw Reasons.cannotRead(path(descriptor.digest()), e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new ImageFailure("cannot remove \"" + file + "\": " + Reasons.of(e), e);
    }
  }
}
