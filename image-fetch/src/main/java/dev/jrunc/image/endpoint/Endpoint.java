package dev.jrunc.image.endpoint;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.reference.ImageReference;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * One server that speaks for a registry, for one repository.
 *
 * @param base scheme and authority, and the path of a mirror if it has one, without a slash at the
 *     end; {@code /v2} follows, unless the path ends with it
 * @param registry the name under which its credentials are kept
 * @param repository what the repository is called there
 * @param namespace the registry that is meant, for mirrors that serve several; or empty
 */
public record Endpoint(
    URI base, String registry, String repository, String namespace, Terms terms) {
  private static final String HUB_SERVER = "registry-1.docker.io";
  private static final String VERSION = "/v2";

  public Endpoint {
    String text = base.toString();
    if (text.endsWith("/")) {
      base = URI.create(text.substring(0, text.length() - 1));
    }
  }

  public Endpoint(URI base, String registry) {
    this(base, registry, "", "", Terms.COMMON);
  }

  /** The registry itself, by its name. */
  static Endpoint of(String host, String repository) {
    String server = host.equals(ImageReference.DOCKER_HUB) ? HUB_SERVER : host;
    return new Endpoint(URI.create("https://" + server), host, repository, "", Terms.COMMON);
  }

  public boolean plain() {
    return "http".equals(base.getScheme());
  }

  public Endpoint withScheme(String scheme) {
    String text = base.toString();
    return new Endpoint(
        URI.create(scheme + text.substring(text.indexOf(':'))),
        registry,
        repository,
        namespace,
        terms);
  }

  Endpoint with(Terms other) {
    return new Endpoint(base, registry, repository, namespace, other);
  }

  public URI root() {
    return address("/");
  }

  /** By tag or digest. */
  public URI manifest(String selector) {
    return address("/" + repository + "/manifests/" + selector);
  }

  public URI blob(Digest digest) {
    return address("/" + repository + "/blobs/" + digest);
  }

  public URI uploads() {
    return address("/" + repository + "/blobs/uploads/");
  }

  public URI tags(int most) {
    return query(address("/" + repository + "/tags/list"), "n=" + most);
  }

  public URI referrers(Digest digest, String artifactType) {
    URI all = address("/" + repository + "/referrers/" + digest);
    return artifactType.isEmpty()
        ? all
        : query(all, "artifactType=" + URLEncoder.encode(artifactType, StandardCharsets.UTF_8));
  }

  /** An address with one more parameter. */
  public static URI query(URI address, String parameter) {
    return URI.create(address + (address.getRawQuery() == null ? "?" : "&") + parameter);
  }

  private URI address(String path) {
    String start = base.toString();
    String version = terms.root() || start.endsWith(VERSION) ? "" : VERSION;
    URI address = URI.create(start + version + path);
    return namespace.isEmpty() ? address : query(address, "ns=" + namespace);
  }

  @Override
  public String toString() {
    return base.getRawAuthority().equals(HUB_SERVER)
        ? ImageReference.DOCKER_HUB
        : base.getRawAuthority();
  }
}
