package dev.jrunc.image.failure;

/**
 * Work that cannot go on. The message is one clear sentence: what failed, on what, why, how to
 * mend.
 */
public class ImageFailure extends RuntimeException {
  public ImageFailure(String message) {
    super(message);
  }

  public ImageFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
