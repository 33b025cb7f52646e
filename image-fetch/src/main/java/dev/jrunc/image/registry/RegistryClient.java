package dev.jrunc.image.registry;

import dev.jrunc.image.auth.Challenge;
import dev.jrunc.image.auth.CredentialStore;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.digest.VerifyingStream;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.ManifestReader;
import dev.jrunc.image.manifest.MediaTypes;
import dev.jrunc.image.reference.ImageReference;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Fetches manifests and blobs: distribution-spec, "Pull", with mirrors and authorization. */
public final class RegistryClient implements AutoCloseable {
  private final RegistrySettings settings;
  private final RegistryListener listener;
  private final Connections connections;
  private final Wire wire;
  private final Authorizer authorizer;
  private final SchemeChoice schemes;
  private final Set<Endpoint> failedMirrors = ConcurrentHashMap.newKeySet();

  public RegistryClient(
      RegistrySettings settings, CredentialStore credentials, RegistryListener listener) {
    this.settings = settings;
    this.listener = listener;
    this.connections = new Connections(settings);
    this.wire = new Wire(connections, settings.timing(), listener);
    this.authorizer = new Authorizer(wire, credentials);
    this.schemes = new SchemeChoice(connections, wire);
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
    return fromAny(image, endpoint -> manifestFrom(endpoint, exact, expected));
  }

  /** The bytes of a blob, verified while they are read and resumed when the connection drops. */
  public InputStream blob(ImageReference image, Descriptor blob) {
    return new VerifyingStream(blob(image, blob, 0), blob.digest(), blob.size());
  }

  /** The bytes of a blob from an offset. Nobody has verified them. */
  public InputStream blob(ImageReference image, Descriptor blob, long offset) {
    return fromAny(
        image,
        endpoint ->
            BlobStream.open(
                new BlobStream.Source(
                    endpoint.toString(),
                    blob,
                    address -> Wire.isSameServer(address, endpoint.base())),
                offset,
                range -> blobFrom(endpoint, image, blob, range),
                settings.timing(),
                listener));
  }

  private <T> T fromAny(ImageReference image, Function<Endpoint, T> fetch) {
    List<Endpoint> endpoints = Endpoint.of(image, settings);
    StringBuilder mirrorsSaid = new StringBuilder();
    for (Endpoint mirror : endpoints.subList(0, endpoints.size() - 1)) {
      if (failedMirrors.contains(mirror)) {
        continue;
      }
      try {
        return fetch.apply(mirror);
      } catch (ImageFailure e) {
        failedMirrors.add(mirror);
        mirrorsSaid.append(" (its mirror failed before: ").append(e.getMessage()).append(')');
        listener.notice("mirror " + mirror + " failed: " + e.getMessage());
      }
    }
    try {
      return fetch.apply(schemes.settle(endpoints.getLast()));
    } catch (ImageFailure e) {
      throw mirrorsSaid.isEmpty() ? e : new ImageFailure(e.getMessage() + mirrorsSaid, e);
    }
  }

  private FetchedManifest manifestFrom(
      Endpoint endpoint, ImageReference image, @Nullable Descriptor expected) {
    URI uri = endpoint.manifest(image);
    Map<String, String> headers = Map.of("Accept", MediaTypes.ACCEPT);
    HttpResponse<InputStream> response = ask(endpoint, image, Request.get(uri, headers));
    if (response.statusCode() != 200) {
      throw Refusals.ofManifest(endpoint, image, response);
    }
    String what = "manifest of " + image;
    byte[] content;
    try {
      content = Bodies.whole(response, ManifestReader.LARGEST, what);
    } catch (IOException e) {
      throw Outages.explain(endpoint, response.uri(), e);
    }
    String announced = response.headers().firstValue("content-type").orElse("");
    Digest named = expected == null ? image.digest() : expected.digest();
    Digest actual = digest(content, named);
    if (named != null && !named.equals(actual)) {
      throw new ImageFailure(
          "%s has the wrong content: its digest is %s, not %s".formatted(what, actual, named));
    }
    String type = expected == null ? MediaTypes.bare(announced) : expected.mediaType();
    return new FetchedManifest(content, new Descriptor(type, actual, content.length));
  }

  private static Digest digest(byte[] content, @Nullable Digest like) {
    if (like == null) {
      return Digest.sha256(content);
    }
    var computation = like.algorithm().start();
    computation.update(content);
    return Digest.of(like.algorithm(), computation);
  }

  private HttpResponse<InputStream> blobFrom(
      Endpoint endpoint, ImageReference image, Descriptor blob, @Nullable String range) {
    Map<String, String> headers =
        range == null
            ? Map.of("Accept-Encoding", "identity")
            : Map.of("Accept-Encoding", "identity", "Range", range);
    return ask(endpoint, image, Request.get(endpoint.blob(image, blob.digest()), headers));
  }

  /** Sends with what we have; a 401 of the registry itself is answered, twice at most. */
  private HttpResponse<InputStream> ask(Endpoint endpoint, ImageReference image, Request request) {
    String shown = authorizer.current(endpoint, image.repository());
    for (int attempt = 0; ; attempt++) {
      HttpResponse<InputStream> response = wire.send(endpoint, request.authorized(shown));
      boolean ownAnswer = Wire.isSameServer(response.uri(), endpoint.base());
      if (response.statusCode() != 401 || !ownAnswer) {
        return response;
      }
      Bodies.discard(response);
      Challenge challenge = Challenge.firstKnown(response.headers().allValues("www-authenticate"));
      if (challenge == null) {
        throw new ImageFailure(
            "registry " + endpoint + " wants a log-in of a kind that jimage does not know");
      }
      if (attempt == 2) {
        throw authorizer.refused(endpoint, image.repository());
      }
      shown = authorizer.answer(endpoint, image.repository(), challenge, shown);
    }
  }

  @Override
  public void close() {
    connections.close();
  }
}
