package dev.jrunc.image.bundle;

import dev.jrunc.image.layer.UnpackLimits;
import org.jspecify.annotations.Nullable;

/**
 * How a bundle is to be.
 *
 * @param terminal whether the program gets a terminal; null leaves it to the profile
 * @param recorded whether to write down what was unpacked, for {@code verify} and {@code commit}
 */
public record BundleOptions(
    BundleMode mode,
    Profile profile,
    @Nullable Boolean terminal,
    boolean recorded,
    UnpackLimits limits,
    IdMaps ids) {

  /** A copy, as jrunc likes it. */
  public static BundleOptions plain() {
    return new BundleOptions(
        BundleMode.COPY, Profile.JRUNC, null, true, UnpackLimits.DEFAULT, IdMaps.none());
  }
}
