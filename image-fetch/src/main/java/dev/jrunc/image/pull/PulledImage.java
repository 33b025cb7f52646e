package dev.jrunc.image.pull;

import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.store.StoredImage;
import java.util.List;

/** The outcome of a pull; {@code fetchedBytes} counts what had to come over the network. */
public record PulledImage(StoredImage image, List<Descriptor> layers, long fetchedBytes) {
  public PulledImage {
    layers = List.copyOf(layers);
  }
}
