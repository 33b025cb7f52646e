package dev.jrunc.image.bundle;

import dev.jrunc.image.layer.LayerSource;
import java.nio.file.Path;
import java.util.List;

/**
 * A bundle to make.
 *
 * @param folder where {@code config.json} and {@code rootfs} are put
 * @param imageName names the container's host
 * @param imageDigest of its manifest; written down, so that {@code commit} knows what it stands on
 * @param layers from the lowest up
 * @param configuration the image's configuration, its verified bytes
 */
public record BundleRequest(
    Path folder,
    String imageName,
    String imageDigest,
    List<LayerSource> layers,
    byte[] configuration,
    BundleOptions options) {

  public BundleRequest {
    layers = List.copyOf(layers);
  }
}
