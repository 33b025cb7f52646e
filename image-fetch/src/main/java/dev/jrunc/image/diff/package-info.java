/**
 * How two images differ: in layers, configuration and files. {@link dev.jrunc.image.diff.ImageDiff}
 * reads them from the store and changes nothing.
 */
@NullMarked
package dev.jrunc.image.diff;

import org.jspecify.annotations.NullMarked;
