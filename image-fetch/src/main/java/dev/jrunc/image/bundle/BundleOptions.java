package dev.jrunc.image.bundle;

import dev.jrunc.image.layer.UnpackLimits;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a bundle is to be.
 *
 * @param terminal whether the program gets a terminal; null leaves it to the profile
 * @param recorded whether to write down what was unpacked, for {@code verify} and {@code commit}
 * @param notices hears, in sentences, what of the image could not be kept
 */
public record BundleOptions(
    BundleMode mode,
    Profile profile,
    @Nullable Boolean terminal,
    boolean recorded,
    UnpackLimits limits,
    IdMaps ids,
    Consumer<String> notices) {}
