package dev.jrunc.image.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jrunc.image.endpoint.Endpoint;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.reference.ImageReference;
import java.io.InputStream;
import java.net.http.HttpResponse;

/** What a registry's refusal means to a person: distribution-spec, "Error Codes". */
final class Refusals {
  private static final int LONGEST_QUOTE = 200;

  private Refusals() {}

  static ImageFailure ofManifest(
      Endpoint endpoint, ImageReference image, HttpResponse<InputStream> response) {
    byte[] body = Bodies.error(response);
    return switch (response.statusCode()) {
      case 404 ->
          new NotThere("image \"%s\" does not exist in registry %s".formatted(image, endpoint));
      case 403 ->
          new ImageFailure(
              "registry %s denies access to image \"%s\"%s"
                  .formatted(endpoint, image, quote(body)));
      case 429 -> tooMany(endpoint, response);
      default ->
          new ImageFailure(
              "registry %s answers %d for image \"%s\"%s"
                  .formatted(endpoint, response.statusCode(), image, quote(body)));
    };
  }

  static ImageFailure ofBlob(String endpoint, Descriptor blob, HttpResponse<InputStream> response) {
    byte[] body = Bodies.error(response);
    return response.statusCode() == 404
        ? new NotThere("registry %s has lost blob %s".formatted(endpoint, blob.digest()))
        : new ImageFailure(
            "registry %s answers %d for blob %s%s"
                .formatted(endpoint, response.statusCode(), blob.digest(), quote(body)));
  }

  /** {@code what} is what was asked for, as "the tags of X". */
  static ImageFailure of(Endpoint endpoint, String what, HttpResponse<InputStream> response) {
    byte[] body = Bodies.error(response);
    int status = response.statusCode();
    if (status == 429) {
      return tooMany(endpoint, response);
    }
    String said = "registry %s answers %d for %s%s".formatted(endpoint, status, what, quote(body));
    return status == 404 ? new NotThere(said) : new ImageFailure(said);
  }

  private static ImageFailure tooMany(Endpoint endpoint, HttpResponse<InputStream> response) {
    String wait =
        response
            .headers()
            .firstValue("retry-after")
            .map(after -> "; it asks to wait until or for " + shortened(after))
            .orElse("");
    return new ImageFailure(
        "registry %s allows no more requests for now%s; logging in raises the limit"
            .formatted(endpoint, wait));
  }

  private static String quote(byte[] body) {
    try {
      JsonNode error = Json.object(body, "error").path("errors").path(0);
      String message = error.path("message").asText(error.path("code").asText());
      return message.isEmpty() ? "" : ": " + shortened(message);
    } catch (ImageFailure e) {
      return "";
    }
  }

  /** What a stranger writes has no end; whoever prints it makes it {@code Visible}. */
  static String shortened(String text) {
    return text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "...";
  }
}
