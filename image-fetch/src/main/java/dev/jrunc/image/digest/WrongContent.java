package dev.jrunc.image.digest;

import dev.jrunc.image.failure.ImageFailure;

/** Content that is not what its digest or its size promises. To keep it is of no use. */
public final class WrongContent extends ImageFailure {
  public WrongContent(String message) {
    super(message);
  }
}
