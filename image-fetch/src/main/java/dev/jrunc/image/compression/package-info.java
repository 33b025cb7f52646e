/**
 * Decompression of layers by what their bytes say, not by their media type. {@link
 * dev.jrunc.image.compression.Decompressor} is the entry; it writes nothing and checks no digests.
 */
@NullMarked
package dev.jrunc.image.compression;

import org.jspecify.annotations.NullMarked;
