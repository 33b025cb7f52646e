/**
 * Content digests. {@link dev.jrunc.image.digest.Digest} is the only form a digest has behind the
 * border, so text that was never checked reaches no path and no URL.
 */
@NullMarked
package dev.jrunc.image.digest;

import org.jspecify.annotations.NullMarked;
