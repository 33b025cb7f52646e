package dev.jrunc.image.store;

import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.ImageConfiguration;
import dev.jrunc.image.manifest.ManifestDocument.ImageManifest;
import java.util.ArrayList;
import java.util.List;

/** The documents of a stored image. The bytes are the ones that the digests are about. */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ImageContent(
    StoredImage image,
    ImageManifest manifest,
    byte[] configBytes,
    ImageConfiguration configuration) {

  /** Every blob that the image needs, itself included. */
  public List<Descriptor> blobs() {
    List<Descriptor> blobs = new ArrayList<>();
    blobs.add(image.manifest());
    blobs.add(manifest.config());
    blobs.addAll(manifest.layers());
    return List.copyOf(blobs);
  }
}
