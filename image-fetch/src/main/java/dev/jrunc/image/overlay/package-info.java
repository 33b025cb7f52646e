/**
 * Layers that are unpacked once and mounted together: {@link dev.jrunc.image.overlay.LayerStack}
 * unpacks what is missing, {@link dev.jrunc.image.overlay.OverlayMount} makes one tree of them.
 */
@NullMarked
package dev.jrunc.image.overlay;

import org.jspecify.annotations.NullMarked;
