/**
 * Images from one place to another, byte for byte: registries, the store, OCI layouts as folders
 * and archives, Docker's archives. {@link dev.jrunc.image.copy.ImageCopy} moves them, {@link
 * dev.jrunc.image.copy.Place} reads their names.
 */
@NullMarked
package dev.jrunc.image.copy;

import org.jspecify.annotations.NullMarked;
