package dev.jrunc.image.copy;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.reference.ImageReference;
import java.nio.file.Path;

/** Where an image is, as skopeo writes it: {@code TRANSPORT:DETAILS}. */
public sealed interface Place {
  record Registry(ImageReference image) implements Place {}

  record Store(ImageReference image) implements Place {}

  /** A folder with an OCI layout; without a name the only image in it is meant. */
  record Layout(Path folder, String name) implements Place {}

  /** The same as a tar file. */
  record OciArchive(Path file, String name) implements Place {}

  /** What {@code docker save} writes. */
  record DockerArchive(Path file, String name) implements Place {}

  /** A name without transport is one of a registry. */
  static Place parse(String text) {
    int colon = text.indexOf(':');
    String transport = colon < 0 ? "" : text.substring(0, colon);
    String details = text.substring(colon + 1);
    return switch (transport) {
      case "docker" -> {
        if (!details.startsWith("//")) {
          throw new ImageFailure("write \"docker://NAME\", not \"" + text + "\"");
        }
        yield new Registry(ImageReference.parse(details.substring(2)));
      }
      case "store" -> new Store(ImageReference.parse(details));
      case "oci" -> new Layout(path(text, details), name(details));
      case "oci-archive" -> new OciArchive(path(text, details), name(details));
      case "docker-archive" -> new DockerArchive(path(text, details), name(details));
      case "dir", "docker-daemon", "containers-storage", "ostree", "sif", "tarball" ->
          throw new ImageFailure(
              "the transport \"%s\" is unknown to jimage; it knows docker://, store:, oci:, oci-archive: and docker-archive:"
                  .formatted(transport));
      default -> new Registry(ImageReference.parse(text));
    };
  }

  private static Path path(String text, String details) {
    int colon = details.indexOf(':');
    String path = colon < 0 ? details : details.substring(0, colon);
    if (path.isEmpty()) {
      throw new ImageFailure("\"" + text + "\" names no file");
    }
    return Path.of(path);
  }

  private static String name(String details) {
    int colon = details.indexOf(':');
    return colon < 0 ? "" : details.substring(colon + 1);
  }
}
