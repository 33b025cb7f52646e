/**
 * The images on this machine, kept as an OCI image layout. {@link dev.jrunc.image.store.ImageStore}
 * is the entry; it shows an image only when all of its blobs are whole and on the disk.
 */
@NullMarked
package dev.jrunc.image.store;

import org.jspecify.annotations.NullMarked;
