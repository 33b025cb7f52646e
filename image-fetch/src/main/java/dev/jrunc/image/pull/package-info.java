/**
 * Bringing an image from a registry into the store. {@link dev.jrunc.image.pull.ImagePull} is the
 * entry; it reports events and prints nothing.
 */
@NullMarked
package dev.jrunc.image.pull;

import org.jspecify.annotations.NullMarked;
