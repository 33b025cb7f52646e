package dev.jrunc.image.cli;

import dev.jrunc.image.layer.LayerSource;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.store.ImageContent;
import dev.jrunc.image.store.ImageStore;
import java.util.ArrayList;
import java.util.List;

/** The layers of a stored image, to unpack. */
final class LayerSources {
  private LayerSources() {}

  static List<LayerSource> of(ImageStore store, ImageContent content) {
    List<LayerSource> layers = new ArrayList<>();
    for (int i = 0; i < content.manifest().layers().size(); i++) {
      Descriptor layer = content.manifest().layers().get(i);
      layers.add(
          new LayerSource(
              i + 1,
              layer.digest().toString(),
              content.configuration().diffIds().get(i),
              () -> store.openUnchecked(layer)));
    }
    return layers;
  }
}
