/**
 * What jimage says when it cannot go on. {@link dev.jrunc.image.failure.ImageFailure} carries one
 * sentence for the person; this package prints nothing and knows no exit codes.
 */
@NullMarked
package dev.jrunc.image.failure;

import org.jspecify.annotations.NullMarked;
