package dev.jrunc.image.registry;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.endpoint.Endpoint;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.reference.ImageReference;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts blobs and manifests into a registry: distribution-spec, "Push". */
public final class RegistryPush {
  /** How a blob came to be there. */
  public enum Outcome {
    PRESENT,
    MOUNTED,
    UPLOADED
  }

  private final Exchange exchange;

  RegistryPush(Exchange exchange) {
    this.exchange = exchange;
  }

  /** The bytes of a blob from an offset; may be opened more than once. */
  public interface Content {
    InputStream from(long offset);
  }

  /**
   * Brings one blob there.
   *
   * @param from a repository of the same registry that may have it, to be mounted from
   */
  public Outcome blob(
      ImageReference target, Descriptor blob, @Nullable String from, Content content) {
    Endpoint endpoint = endpoint(target);
    Scope scope = Scope.push(endpoint.repository());
    if (isThere(endpoint, scope, blob.digest())) {
      return Outcome.PRESENT;
    }
    BlobUpload upload = new BlobUpload(exchange, endpoint, blob, content);
    return upload.run(scope, from) ? Outcome.MOUNTED : Outcome.UPLOADED;
  }

  private boolean isThere(Endpoint endpoint, Scope scope, Digest digest) {
    HttpResponse<InputStream> response =
        exchange.ask(endpoint, scope, Request.head(endpoint.blob(digest), Map.of()));
    Bodies.discard(response);
    return response.statusCode() == 200;
  }

  /** Puts a manifest or an index whose parts are all there. */
  public void manifest(ImageReference target, Descriptor manifest, byte[] content) {
    Endpoint endpoint = endpoint(target);
    Request put =
        new Request(
            "PUT",
            endpoint.manifest(target.selector()),
            Map.of("Content-Type", manifest.mediaType()),
            null,
            BodyPublishers.ofByteArray(content));
    HttpResponse<InputStream> response =
        exchange.ask(endpoint, Scope.push(endpoint.repository()), put);
    if (response.statusCode() != 201 && response.statusCode() != 200) {
      throw Refusals.of(endpoint, "the manifest of " + target, response);
    }
    String named = response.headers().firstValue("docker-content-digest").orElse("");
    Bodies.discard(response);
    if (!named.isEmpty()
        && named.startsWith(manifest.digest().algorithm().word() + ":")
        && !named.equals(manifest.digest().toString())) {
      throw new ImageFailure(
          "registry %s stored %s in place of %s".formatted(endpoint, named, manifest.digest()));
    }
  }

  private Endpoint endpoint(ImageReference target) {
    return exchange.settle(exchange.settings().endpoints().toPush(target));
  }
}
