package dev.jrunc.image.store;

import dev.jrunc.image.digest.Digest;
import java.nio.file.Path;
import java.util.List;

/**
 * A bundle that shares layers of the store.
 *
 * @param id of the bundle, also in its own {@code .jimage/bundle.json}
 * @param folder where it is
 * @param layers chain ids of the layers it uses, lowest first
 * @param atWork whether a living process is making or removing it
 */
public record RegisteredBundle(String id, Path folder, List<Digest> layers, boolean atWork) {
  public RegisteredBundle {
    layers = List.copyOf(layers);
  }
}
