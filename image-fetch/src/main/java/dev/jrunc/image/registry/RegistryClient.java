package dev.jrunc.image.registry;

import dev.jrunc.image.auth.CredentialStore;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.digest.VerifyingStream;
import dev.jrunc.image.digest.WrongContent;
import dev.jrunc.image.endpoint.Endpoint;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.ManifestReader;
import dev.jrunc.image.manifest.MediaTypes;
import dev.jrunc.image.reference.ImageReference;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Fetches manifests and blobs: distribution-spec, "Pull", with mirrors and authorization. */
public final class RegistryClient implements AutoCloseable {
  private static final Map<String, String> ACCEPT = Map.of("Accept", MediaTypes.ACCEPT);

  private final Exchange exchange;
  private final Set<String> failedMirrors = ConcurrentHashMap.newKeySet();

  public RegistryClient(
      RegistrySettings settings, CredentialStore credentials, RegistryListener listener) {
    this.exchange = new Exchange(settings, credentials, listener);
  }

  /** Questions about a repository beyond its images. */
  public RegistryQueries queries() {
    return new RegistryQueries(exchange);
  }

  /** The way in the other direction. */
  public RegistryPush push() {
    return new RegistryPush(exchange);
  }

  /**
   * What a tag points to, by HEAD, which Docker Hub does not count; {@code null} if the registry
   * does not say it.
   */
  public @Nullable Digest resolve(ImageReference image) {
    try {
      return fromAny(
          image,
          endpoint -> {
            HttpResponse<InputStream> response =
                exchange.ask(
                    endpoint,
                    Scope.pull(endpoint.repository()),
                    Request.head(endpoint.manifest(image.selector()), ACCEPT));
            Bodies.discard(response);
            String named = response.headers().firstValue("docker-content-digest").orElse("");
            if (response.statusCode() != 200 || named.isEmpty()) {
              throw new NotThere("registry %s does not answer HEAD".formatted(endpoint));
            }
            return Digest.parse(named);
          });
    } catch (ImageFailure e) {
      // The request that follows says what is wrong.
      return null;
    }
  }

  /** The manifest or index that {@code image} names; if by digest, it is verified. */
  public FetchedManifest manifest(ImageReference image) {
    return fromAny(image, endpoint -> manifestFrom(endpoint, image, null));
  }

  /** A manifest that an index points to. */
  public FetchedManifest manifest(ImageReference image, Descriptor expected) {
    if (expected.size() > ManifestReader.LARGEST) {
      throw new ImageFailure(
          "manifest %s is larger than %d bytes"
              .formatted(expected.digest(), ManifestReader.LARGEST));
    }
    ImageReference exact = image.at(expected.digest());
    return fromAny(exact, endpoint -> manifestFrom(endpoint, exact, expected));
  }

  /** The bytes of a blob, verified while they are read and resumed when the connection drops. */
  public InputStream blob(ImageReference image, Descriptor blob) {
    return new VerifyingStream(blob(image, blob, 0), blob.digest(), blob.size());
  }

  /** The bytes of a blob from an offset. Nobody has verified them. */
  public InputStream blob(ImageReference image, Descriptor blob, long offset) {
    return fromAny(image.at(blob.digest()), endpoint -> open(endpoint, blob, offset));
  }

  /** Opens one and the same blob at an offset. */
  public interface Opening {
    InputStream at(long offset);
  }

  /**
   * What {@code reader} makes of a blob. A mirror whose bytes are wrong, or that breaks off for
   * good, is asked no more, and the reader begins again with the next who has the blob.
   */
  public <T> T read(ImageReference image, Descriptor blob, Function<Opening, T> reader) {
    while (true) {
      AtomicReference<@Nullable Endpoint> asked = new AtomicReference<>();
      try {
        return reader.apply(offset ->
            fromAny(
                image.at(blob.digest()),
                endpoint -> {
                  asked.set(endpoint);
                  return open(endpoint, blob, offset);
                }));
      } catch (WrongContent | Outage e) {
        Endpoint blamed = asked.get();
        if (blamed == null || !isMirror(image, blamed) || !failedMirrors.add(mirror(blamed))) {
          throw e;
        }
        exchange.listener().notice("mirror " + blamed + " failed: " + e.getMessage());
      }
    }
  }

  private boolean isMirror(ImageReference image, Endpoint endpoint) {
    Endpoint origin = exchange.settings().endpoints().toPull(image).getLast();
    return !Wire.isSameServer(exchange.settle(origin).base(), endpoint.base());
  }

  private static String mirror(Endpoint endpoint) {
    return endpoint.base().getRawAuthority() + endpoint.base().getRawPath();
  }

  private InputStream open(Endpoint endpoint, Descriptor blob, long offset) {
    return BlobStream.open(
        new BlobStream.Source(
            endpoint.toString(), blob, address -> Wire.isSameServer(address, endpoint.base())),
        offset,
        range -> blobFrom(endpoint, blob, range),
        exchange.settings().timing(),
        exchange.listener());
  }

  private <T> T fromAny(ImageReference image, Function<Endpoint, T> fetch) {
    List<Endpoint> endpoints = exchange.settings().endpoints().toPull(image);
    StringBuilder mirrorsSaid = new StringBuilder();
    for (Endpoint mirror : endpoints.subList(0, endpoints.size() - 1)) {
      if (failedMirrors.contains(mirror(mirror))) {
        continue;
      }
      try {
        return fetch.apply(exchange.settle(mirror));
      } catch (NotThere e) {
        // A mirror need not have everything.
        mirrorsSaid.append(" (its mirror: ").append(e.getMessage()).append(')');
      } catch (ImageFailure e) {
        failedMirrors.add(mirror(mirror));
        mirrorsSaid.append(" (its mirror failed before: ").append(e.getMessage()).append(')');
        exchange.listener().notice("mirror " + mirror + " failed: " + e.getMessage());
      }
    }
    try {
      return fetch.apply(exchange.settle(endpoints.getLast()));
    } catch (NotThere e) {
      throw mirrorsSaid.isEmpty() ? e : new NotThere(e.getMessage() + mirrorsSaid);
    } catch (ImageFailure e) {
      throw mirrorsSaid.isEmpty() ? e : new ImageFailure(e.getMessage() + mirrorsSaid, e);
    }
  }

  private FetchedManifest manifestFrom(
      Endpoint endpoint, ImageReference image, @Nullable Descriptor expected) {
    HttpResponse<InputStream> response =
        exchange.ask(
            endpoint,
            Scope.pull(endpoint.repository()),
            Request.get(endpoint.manifest(image.selector()), ACCEPT));
    if (response.statusCode() != 200) {
      throw Refusals.ofManifest(endpoint, image, response);
    }
    String what = "manifest of " + image;
    byte[] content;
    try {
      content =
          Bodies.whole(
              response, ManifestReader.LARGEST, what, exchange.settings().timing().stall());
    } catch (IOException e) {
      throw Outages.explain(endpoint, response.uri(), e);
    }
    String announced = response.headers().firstValue("content-type").orElse("");
    // What the registry calls the digest is not asked: some call it wrong, and it is computed here.
    Digest named = expected == null ? image.digest() : expected.digest();
    Digest actual = Digest.of(named == null ? Digest.Algorithm.SHA256 : named.algorithm(), content);
    if (named != null && !named.equals(actual)) {
      throw new WrongContent(
          "%s has the wrong content: its digest is %s, not %s".formatted(what, actual, named));
    }
    String type = expected == null ? MediaTypes.bare(announced) : expected.mediaType();
    return new FetchedManifest(content, new Descriptor(type, actual, content.length));
  }

  private HttpResponse<InputStream> blobFrom(
      Endpoint endpoint, Descriptor blob, @Nullable String range) {
    Map<String, String> headers =
        range == null
            ? Map.of("Accept-Encoding", "identity")
            : Map.of("Accept-Encoding", "identity", "Range", range);
    return exchange.ask(
        endpoint,
        Scope.pull(endpoint.repository()),
        Request.get(endpoint.blob(blob.digest()), headers));
  }

  @Override
  public void close() {
    exchange.close();
  }
}
