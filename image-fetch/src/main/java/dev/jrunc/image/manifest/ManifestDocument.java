package dev.jrunc.image.manifest;

import dev.jrunc.image.failure.ImageFailure;
import java.util.List;

/** What a manifest URL can answer with. */
public sealed interface ManifestDocument {
  String mediaType();

  /** One image: its configuration and its layers, lowest first. */
  record ImageManifest(String mediaType, Descriptor config, List<Descriptor> layers)
      implements ManifestDocument {
    public ImageManifest {
      layers = List.copyOf(layers);
    }
  }

  /** A choice of images, or of further choices. */
  record ImageIndex(String mediaType, List<Descriptor> manifests) implements ManifestDocument {
    public ImageIndex {
      manifests = List.copyOf(manifests);
    }

    /** The best image for {@code wanted}; of equals the first, as the image-spec demands. */
    public Descriptor choose(Platform wanted) {
      for (Platform candidate : wanted.runnable()) {
        for (Descriptor manifest : manifests) {
          if (candidate.equals(manifest.platform())) {
            return manifest;
          }
        }
      }
      // An index inside an index often carries no platform of its own.
      for (Descriptor manifest : manifests) {
        if (manifest.platform() == null) {
          return manifest;
        }
      }
      throw new ImageFailure("it has no image for " + wanted + "; it offers " + offers());
    }

    /** BuildKit's attestations call themselves unknown/unknown: they are no images. */
    private String offers() {
      List<String> platforms =
          manifests.stream()
              .map(Descriptor::platform)
              .map(String::valueOf)
              .filter(name -> !name.startsWith("unknown/"))
              .distinct()
              .toList();
      return platforms.isEmpty() ? "none" : String.join(", ", platforms);
    }
  }
}
