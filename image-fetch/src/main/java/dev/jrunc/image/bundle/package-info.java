/**
 * An image becomes a bundle: {@link dev.jrunc.image.bundle.BundleBuilder} makes {@code rootfs} of
 * its layers and {@code config.json} of its configuration, both or neither. The package runs
 * nothing.
 */
@NullMarked
package dev.jrunc.image.bundle;

import org.jspecify.annotations.NullMarked;
