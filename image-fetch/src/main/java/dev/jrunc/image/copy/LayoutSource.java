package dev.jrunc.image.copy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.digest.VerifyingStream;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.layer.UnpackLimits;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.manifest.ManifestReader;
import dev.jrunc.image.manifest.MediaTypes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An image of an OCI layout: image-spec, image-layout.md. */
public final class LayoutSource implements ImageSource {
  private static final String NAME = "org.opencontainers.image.ref.name";

  private final LayoutFiles files;
  private final String name;

  private LayoutSource(LayoutFiles files, String name) {
    this.files = files;
    this.name = name;
  }

  public static LayoutSource folder(Path folder, String name) {
    return new LayoutSource(new FolderFiles(folder), name);
  }

  public static LayoutSource archive(Path file, String name, UnpackLimits limits) {
    return new LayoutSource(TarFiles.open(file, limits), name);
  }

  @Override
  public Document root() {
    JsonNode index = Json.object(small("index.json"), "index.json of " + files.label());
    List<JsonNode> found = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (JsonNode entry : index.path("manifests")) {
      String own = entry.path("annotations").path(NAME).asText();
      names.add(own.isEmpty() ? entry.path("digest").asText() : own);
      if (name.isEmpty() || name.equals(own) || name.equals(entry.path("digest").asText())) {
        found.add(entry);
      }
    }
    if (found.size() != 1) {
      throw new ImageFailure(
          "%s has %s image %s; it has %s"
              .formatted(
                  files.label(),
                  found.isEmpty() ? "no" : "more than one",
                  name.isEmpty() ? "(name one behind a colon)" : "\"" + name + "\"",
                  names.isEmpty() ? "none" : String.join(", ", names)));
    }
    JsonNode entry = found.getFirst();
    Descriptor descriptor =
        new Descriptor(
            MediaTypes.bare(entry.path("mediaType").asText()),
            Digest.parse(entry.path("digest").asText()),
            entry.path("size").asLong());
    return new Document(document(descriptor), descriptor);
  }

  @Override
  public byte[] document(Descriptor descriptor) {
    if (descriptor.size() > ManifestReader.LARGEST) {
      throw new ImageFailure("manifest " + descriptor.digest() + " is larger than 4 MiB");
    }
    try (InputStream content =
        new VerifyingStream(blob(descriptor, 0), descriptor.digest(), descriptor.size())) {
      return content.readAllBytes();
    } catch (IOException e) {
      throw unreadable(path(descriptor), e);
    }
  }

  @Override
  public InputStream blob(Descriptor descriptor, long offset) {
    try {
      InputStream content = files.open(path(descriptor));
      content.skipNBytes(offset);
      return content;
    } catch (IOException e) {
      throw unreadable(path(descriptor), e);
    }
  }

  private byte[] small(String path) {
    try (InputStream content = files.open(path)) {
      byte[] bytes = content.readNBytes(ManifestReader.LARGEST + 1);
      if (bytes.length > ManifestReader.LARGEST) {
        throw new ImageFailure("\"" + path + "\" in " + files.label() + " is larger than 4 MiB");
      }
      return bytes;
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  private static String path(Descriptor descriptor) {
    return "blobs/" + descriptor.digest().relativePath();
  }

  private ImageFailure unreadable(String path, IOException cause) {
    return new ImageFailure(
        "cannot read \"%s\" in %s: %s".formatted(path, files.label(), Reasons.of(cause)), cause);
  }

  @Override
  public void close() {
    files.close();
  }
}
