package dev.jrunc.image.store;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.Platform;
import org.jspecify.annotations.Nullable;

/**
 * An image in the store.
 *
 * @param name its full name, as other tools find it in the layout
 * @param manifest what index.json points to
 * @param platform what it was built for
 * @param pulled when, in ISO form
 * @param resolved what the registry said the name meant when it was pulled: the manifest, or an
 *     index that leads to it; {@code null} if it came from elsewhere
 */
public record StoredImage(
    String name, Descriptor manifest, Platform platform, String pulled, @Nullable Digest resolved) {
  public StoredImage(String name, Descriptor manifest, Platform platform, String pulled) {
    this(name, manifest, platform, pulled, null);
  }
}
