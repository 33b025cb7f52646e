package dev.jrunc.image.store;

import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.Platform;

/**
 * An image in the store.
 *
 * @param name its full name, as other tools find it in the layout
 * @param manifest what index.json points to
 * @param platform what it was built for
 * @param pulled when, in ISO form
 */
public record StoredImage(String name, Descriptor manifest, Platform platform, String pulled) {}
