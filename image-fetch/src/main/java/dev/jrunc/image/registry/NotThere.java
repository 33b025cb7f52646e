package dev.jrunc.image.registry;

import dev.jrunc.image.failure.ImageFailure;

/** What was asked for does not exist in the registry. */
public final class NotThere extends ImageFailure {
  NotThere(String message) {
    super(message);
  }
}
