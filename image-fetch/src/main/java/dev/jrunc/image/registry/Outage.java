package dev.jrunc.image.registry;

import dev.jrunc.image.failure.ImageFailure;

/** A server cannot be talked to, now. */
final class Outage extends ImageFailure {
  Outage(String message, Throwable cause) {
    super(message, cause);
  }
}
