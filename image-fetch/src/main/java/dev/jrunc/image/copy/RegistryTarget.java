package dev.jrunc.image.copy;

import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.reference.ImageReference;
import dev.jrunc.image.registry.RegistryClient;
import dev.jrunc.image.registry.RegistryPush;
import org.jspecify.annotations.Nullable;

/** A name in a registry. The client is its owner's to close. */
public final class RegistryTarget implements ImageTarget {
  private final RegistryPush registry;
  private final ImageReference image;

  public RegistryTarget(RegistryClient registry, ImageReference image) {
    this.registry = registry.push();
    this.image = image;
  }

  @Override
  public String host() {
    return image.host();
  }

  @Override
  public boolean blob(Descriptor blob, @Nullable String from, Content content) {
    String other = image.repository().equals(from) ? null : from;
    return registry.blob(image, blob, other, content::from) == RegistryPush.Outcome.UPLOADED;
  }

  @Override
  public void manifest(Descriptor manifest, byte[] content) {
    registry.manifest(image.at(manifest.digest()), manifest, content);
  }

  @Override
  public void finish(Descriptor root, byte[] content) {
    registry.manifest(image, root, content);
  }
}
