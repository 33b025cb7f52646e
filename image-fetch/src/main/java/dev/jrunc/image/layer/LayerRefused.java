package dev.jrunc.image.layer;

import dev.jrunc.image.failure.ImageFailure;

/** A layer holds what must not or cannot be unpacked. */
public final class LayerRefused extends ImageFailure {
  LayerRefused(String message) {
    super(message);
  }

  LayerRefused(String message, Throwable cause) {
    super(message, cause);
  }
}
