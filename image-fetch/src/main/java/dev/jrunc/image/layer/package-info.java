/**
 * Layers become a tree of files: {@link dev.jrunc.image.layer.LayerUnpacker} applies them in their
 * order. Every path is resolved below a handle on the tree's root, and what would leave it is
 * refused. The package fetches nothing and knows no registry.
 */
@NullMarked
package dev.jrunc.image.layer;

import org.jspecify.annotations.NullMarked;
