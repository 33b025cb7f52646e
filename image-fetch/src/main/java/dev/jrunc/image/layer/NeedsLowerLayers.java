package dev.jrunc.image.layer;

/**
 * A layer that was unpacked by itself means something that only the layers below can tell: a folder
 * that it does not name, a link to one of their files.
 */
public final class NeedsLowerLayers extends RuntimeException {
  NeedsLowerLayers() {
    super("the layer depends on those below", null, false, false);
  }
}
