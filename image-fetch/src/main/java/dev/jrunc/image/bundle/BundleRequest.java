package dev.jrunc.image.bundle;

import dev.jrunc.image.layer.LayerSource;
import java.nio.file.Path;
import java.util.List;

/**
 * A bundle to make.
 *
 * @param folder where {@code config.json} and {@code rootfs} are put
 * @param imageName names the container's host
 * @param layers from the lowest up
 * @param configuration the image's configuration, its verified bytes
 * @param terminal whether the program gets a terminal
 */
public record BundleRequest(
    Path folder,
    String imageName,
    List<LayerSource> layers,
    byte[] configuration,
    boolean terminal) {

  public BundleRequest {
    layers = List.copyOf(layers);
  }
}
