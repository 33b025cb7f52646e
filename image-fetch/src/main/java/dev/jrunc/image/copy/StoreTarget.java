package dev.jrunc.image.copy;

import dev.jrunc.image.digest.VerifyingStream;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.ImageConfiguration;
import dev.jrunc.image.manifest.ManifestDocument.ImageManifest;
import dev.jrunc.image.manifest.ManifestReader;
import dev.jrunc.image.manifest.MediaTypes;
import dev.jrunc.image.reference.ImageReference;
import dev.jrunc.image.store.ImageStore;
import dev.jrunc.image.store.Staging;
import dev.jrunc.image.store.StoredImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A name in the store. */
public final class StoreTarget implements ImageTarget {
  private final ImageStore store;
  private final ImageReference name;
  private final Staging staging;

  public StoreTarget(ImageStore store, ImageReference name) {
    this.store = store;
    this.name = name;
    this.staging = store.stage();
  }

  @Override
  public boolean takesIndexes() {
    return false;
  }

  @Override
  public boolean blob(Descriptor blob, @Nullable String from, Content content) {
    if (store.has(blob)) {
      return false;
    }
    Path file = staging.file(blob.digest());
    try (InputStream in = new VerifyingStream(content.from(0), blob.digest(), blob.size())) {
      Files.copy(in, file);
      return true;
    } catch (IOException e) {
      throw Reasons.cannotWrite(file, e);
    }
  }

  @Override
  public void manifest(Descriptor manifest, byte[] content) {
    throw new IllegalStateException("takes no indexes");
  }

  @Override
  public void finish(Descriptor root, byte[] content) {
    if (!(new ManifestReader("manifest of " + name).read(content, root.mediaType())
            instanceof ImageManifest manifest)
        || !MediaTypes.isImageConfig(manifest.config().mediaType())) {
      throw new ImageFailure(name + " is no container image");
    }
    Path staged = staging.file(root.digest());
    try {
      Files.write(staged, content);
      Path config = staging.file(manifest.config().digest());
      byte[] bytes =
          Files.exists(config) ? Files.readAllBytes(config) : store.document(manifest.config());
      ImageConfiguration configuration = ImageConfiguration.read(bytes, "configuration of " + name);
      if (configuration.diffIds().size() != manifest.layers().size()) {
        throw new ImageFailure(
            "%s has %d layers but its configuration names %d"
                .formatted(name, manifest.layers().size(), configuration.diffIds().size()));
      }
      List<Descriptor> blobs = new ArrayList<>(manifest.layers());
      blobs.add(manifest.config());
      blobs.add(root);
      String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
      staging.commit(new StoredImage(name.toString(), root, configuration.platform(), now), blobs);
    } catch (IOException e) {
      throw Reasons.cannotWrite(staged, e);
    }
  }

  @Override
  public void close() {
    staging.close();
  }
}
