package dev.jrunc.image.registry;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.reference.ImageReference;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/**
 * One server that speaks for a registry.
 *
 * @param base scheme and authority, and the path of a mirror if it has one, without a slash at the
 *     end
 * @param registry the name under which its credentials are kept
 */
record Endpoint(URI base, String registry) {
  private static final String HUB_SERVER = "registry-1.docker.io";

  /** Mirrors first, then the registry itself. */
  static List<Endpoint> of(ImageReference image, RegistrySettings settings) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (URI mirror : settings.mirrors().getOrDefault(image.host(), List.of())) {
      endpoints.add(new Endpoint(withoutSlash(mirror), mirror.getRawAuthority()));
    }
    boolean hub = image.host().equals(ImageReference.DOCKER_HUB);
    String server = hub ? HUB_SERVER : image.host();
    endpoints.add(new Endpoint(URI.create("https://" + server), image.host()));
    return List.copyOf(endpoints);
  }

  boolean plain() {
    return "http".equals(base.getScheme());
  }

  Endpoint withScheme(String scheme) {
    return new Endpoint(
        URI.create(scheme + base.toString().substring(base.toString().indexOf(':'))), registry);
  }

  URI manifest(ImageReference image) {
    return URI.create(base + "/v2/" + image.repository() + "/manifests/" + image.selector());
  }

  URI blob(ImageReference image, Digest digest) {
    return URI.create(base + "/v2/" + image.repository() + "/blobs/" + digest);
  }

  @Override
  public String toString() {
    return base.getRawAuthority().equals(HUB_SERVER)
        ? ImageReference.DOCKER_HUB
        : base.getRawAuthority();
  }

  private static URI withoutSlash(URI uri) {
    String text = uri.toString();
    return text.endsWith("/") ? URI.create(text.substring(0, text.length() - 1)) : uri;
  }
}
