package dev.jrunc.image.copy;

import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.store.ImageStore;
import dev.jrunc.image.store.StoredImage;
import java.io.IOException;
import java.io.InputStream;

/** An image of the store. */
public final class StoreSource implements ImageSource {
  private final ImageStore store;
  private final StoredImage image;

  public StoreSource(ImageStore store, StoredImage image) {
    this.store = store;
    this.image = image;
  }

  @Override
  public Document root() {
    return new Document(store.document(image.manifest()), image.manifest());
  }

  @Override
  public byte[] document(Descriptor descriptor) {
    return store.document(descriptor);
  }

  @Override
  public InputStream blob(Descriptor descriptor, long offset) {
    InputStream content = store.open(descriptor);
    try {
      // Read, not skipped: the store's bytes are verified as they pass.
      content.readNBytes(0);
      for (long left = offset; left > 0; ) {
        left -= content.readNBytes((int) Math.min(left, 128 * 1024)).length;
      }
      return content;
    } catch (IOException e) {
      throw Reasons.cannotRead(store.root(), e);
    }
  }
}
