package dev.jrunc.image.copy;

import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.reference.ImageReference;
import dev.jrunc.image.registry.FetchedManifest;
import dev.jrunc.image.registry.RegistryClient;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** An image in a registry. The client is its owner's to close. */
public final class RegistrySource implements ImageSource {
  private final RegistryClient registry;
  private final ImageReference image;

  public RegistrySource(RegistryClient registry, ImageReference image) {
    this.registry = registry;
    this.image = image;
  }

  @Override
  public Document root() {
    FetchedManifest fetched = registry.manifest(image);
    return new Document(fetched.content(), fetched.descriptor());
  }

  @Override
  public byte[] document(Descriptor descriptor) {
    return registry.manifest(image, descriptor).content();
  }

  @Override
  public InputStream blob(Descriptor descriptor, long offset) {
    return registry.blob(image, descriptor, offset);
  }

  @Override
  public @Nullable String repositoryAt(String host) {
    return image.host().equals(host) ? image.repository() : null;
  }
}
