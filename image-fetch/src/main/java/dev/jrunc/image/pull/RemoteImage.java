package dev.jrunc.image.pull;

import dev.jrunc.image.pull.Resolution.Resolved;
import dev.jrunc.image.registry.RegistryClient;
import dev.jrunc.image.store.ImageContent;
import dev.jrunc.image.store.StoredImage;

/** The documents of an image in a registry, without its layers. */
public final class RemoteImage {
  private RemoteImage() {}

  public static ImageContent inspect(RegistryClient registry, PullRequest request) {
    Resolved resolved = new Resolution(registry, request).resolve();
    StoredImage image =
        new StoredImage(
            request.image().toString(),
            resolved.fetched().descriptor(),
            resolved.configuration().platform(),
            "",
            resolved.root());
    return new ImageContent(
        image, resolved.manifest(), resolved.configBytes(), resolved.configuration());
  }
}
