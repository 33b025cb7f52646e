package dev.jrunc.image.layer;

import dev.jrunc.image.digest.Digest;
import java.io.IOException;
import java.io.InputStream;

/**
 * A layer to apply.
 *
 * @param number from 1, as people count
 * @param name its digest, for messages
 * @param diffId of its plain tar, checked before the layer counts
 * @param opener opens the blob as it is stored, packed or not
 */
public record LayerSource(int number, String name, Digest diffId, Opener opener) {

  /** Opens the stored bytes. */
  public interface Opener {
    InputStream open() throws IOException;
  }

  /** How messages call it. */
  public String label() {
    int length = Math.min(name.length(), 19);
    return "layer " + number + " (" + name.substring(0, length) + ")";
  }
}
