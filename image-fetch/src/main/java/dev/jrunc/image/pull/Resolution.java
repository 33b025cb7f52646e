package dev.jrunc.image.pull;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.digest.VerifyingStream;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.ImageConfiguration;
import dev.jrunc.image.manifest.ManifestDocument;
import dev.jrunc.image.manifest.ManifestDocument.ImageIndex;
import dev.jrunc.image.manifest.ManifestDocument.ImageManifest;
import dev.jrunc.image.manifest.ManifestReader;
import dev.jrunc.image.manifest.MediaTypes;
import dev.jrunc.image.registry.FetchedManifest;
import dev.jrunc.image.registry.RegistryClient;
import dev.jrunc.image.store.ImageContent;
import dev.jrunc.image.store.ImageStore;
import dev.jrunc.image.store.StoredImage;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From a name to exactly one image: through indexes to the manifest and its configuration. */
final class Resolution {
  private static final int DEEPEST_INDEX = 4;

  private final RegistryClient registry;
  private final PullRequest request;

  Resolution(RegistryClient registry, PullRequest request) {
    this.registry = registry;
    this.request = request;
  }

  /** The documents of the image that was chosen. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Resolved(
      Digest root,
      FetchedManifest fetched,
      ImageManifest manifest,
      byte[] configBytes,
      ImageConfiguration configuration) {

    /** Each layer once. */
    List<Descriptor> layers() {
      Map<Digest, Descriptor> first = new LinkedHashMap<>();
      Map<Descriptor, Digest> layers = new LinkedHashMap<>();
      for (int i = 0; i < manifest.layers().size(); i++) {
        Descriptor layer = manifest.layers().get(i);
        Digest diffId = configuration.diffIds().get(i);
        Descriptor same = first.putIfAbsent(layer.digest(), layer);
        if (same == null) {
          layers.put(layer, diffId);
        } else if (!diffId.equals(layers.get(same)) || same.size() != layer.size()) {
          throw new ImageFailure(
              "layer %s is named twice with different content".formatted(layer.digest()));
        }
      }
      return List.copyOf(layers.keySet());
    }
  }

  Resolved resolve() {
    FetchedManifest fetched = registry.manifest(request.image());
    Digest root = fetched.descriptor().digest();
    ManifestDocument document = read(fetched);
    for (int depth = 0; document instanceof ImageIndex index; depth++) {
      if (depth == DEEPEST_INDEX) {
        throw new ImageFailure("the indexes of " + request.image() + " are nested too deep");
      }
      fetched = registry.manifest(request.image(), choose(index));
      document = read(fetched);
    }
    ImageManifest manifest = checked((ImageManifest) document);
    byte[] config = config(manifest.config());
    ImageConfiguration configuration =
        ImageConfiguration.read(config, "configuration of " + request.image());
    check(manifest, configuration);
    Descriptor stored =
        new Descriptor(
            manifest.mediaType(), fetched.descriptor().digest(), fetched.content().length);
    return new Resolved(
        root, new FetchedManifest(fetched.content(), stored), manifest, config, configuration);
  }

  /**
   * What the store has, if the registry says by HEAD that the name still means it: Docker Hub
   * counts a GET and not a HEAD.
   */
  @Nullable Resolved unchanged(ImageStore store) {
    try {
      StoredImage known = store.find(request.image().toString());
      if (known.resolved() == null || !known.platform().equals(request.wanted())) {
        return null;
      }
      ImageContent content = store.content(known);
      Digest now = request.image().digest();
      if (!known.resolved().equals(now == null ? registry.resolve(request.image()) : now)) {
        return null;
      }
      return new Resolved(
          known.resolved(),
          new FetchedManifest(store.document(known.manifest()), known.manifest()),
          content.manifest(),
          content.configBytes(),
          content.configuration());
    } catch (ImageFailure e) {
      // Not there, or damaged: it is resolved from the beginning.
      return null;
    }
  }

  private ManifestDocument read(FetchedManifest fetched) {
    return new ManifestReader("manifest of " + request.image())
        .read(fetched.content(), fetched.descriptor().mediaType());
  }

  private Descriptor choose(ImageIndex index) {
    try {
      return index.choose(request.wanted());
    } catch (ImageFailure e) {
      throw new ImageFailure("cannot pull " + request.image() + ": " + e.getMessage(), e);
    }
  }

  private ImageManifest checked(ImageManifest manifest) {
    if (!MediaTypes.isImageConfig(manifest.config().mediaType())) {
      throw new ImageFailure(
          "%s is no container image: its configuration is \"%s\""
              .formatted(request.image(), manifest.config().mediaType()));
    }
    for (Descriptor layer : manifest.layers()) {
      if (!MediaTypes.isLayer(layer.mediaType())) {
        throw new ImageFailure(
            "%s has a layer of the unknown type \"%s\""
                .formatted(request.image(), layer.mediaType()));
      }
    }
    return manifest;
  }

  private byte[] config(Descriptor config) {
    if (config.size() > ImageConfiguration.LARGEST) {
      throw new ImageFailure(
          "the configuration of %s is larger than %d bytes"
              .formatted(request.image(), ImageConfiguration.LARGEST));
    }
    return registry.read(request.image(), config, blob -> whole(blob.at(0), config));
  }

  private byte[] whole(InputStream blob, Descriptor config) {
    try (InputStream content = new VerifyingStream(blob, config.digest(), config.size())) {
      return content.readAllBytes();
    } catch (IOException e) {
      throw new ImageFailure("cannot read the configuration of " + request.image(), e);
    }
  }

  private void check(ImageManifest manifest, ImageConfiguration configuration) {
    List<Digest> diffIds = configuration.diffIds();
    if (diffIds.size() != manifest.layers().size()) {
      throw new ImageFailure(
          "%s has %d layers but its configuration names %d"
              .formatted(request.image(), manifest.layers().size(), diffIds.size()));
    }
    boolean runs = request.wanted().runnable().contains(configuration.platform());
    if (request.platform() != null && !runs) {
      throw new ImageFailure(
          "%s is for %s, not for %s"
              .formatted(request.image(), configuration.platform(), request.platform()));
    }
  }
}
