package dev.jrunc.image.registry;

import dev.jrunc.image.failure.ImageFailure;

/** A registry does not let us in with what we have to show. */
public final class AccessRefused extends ImageFailure {
  AccessRefused(String message) {
    super(message);
  }
}
