package dev.jrunc.image.copy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.layer.CountedInflation;
import dev.jrunc.image.layer.UnpackBudget;
import dev.jrunc.image.layer.UnpackLimits;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.ImageConfiguration;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.manifest.ManifestReader;
import dev.jrunc.image.manifest.MediaTypes;
import dev.jrunc.image.reference.ImageReference;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/**
 * An image as {@code docker save} writes it: unpacked layers, no manifest. Registries keep packed
 * layers, so each is packed once into a temporary file, and checked against its diff_id on the way.
 */
public final class DockerArchiveSource implements ImageSource {
  private static final String LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip";
  private static final int MOST_LAYERS = 500;

  private final TarFiles files;
  private final String name;
  private final WorkingFolder folder;
  private final UnpackBudget budget;
  private final Map<Digest, Path> layers = new HashMap<>();
  private byte[] config = new byte[0];

  /**
   * Opens it.
   *
   * @param name one of those in it; empty for the only image
   * @param limits of what it may unpack to
   */
  public DockerArchiveSource(Path file, String name, UnpackLimits limits) {
    this.folder = WorkingFolder.temporary();
    this.name = name;
    this.budget = new UnpackBudget(limits);
    boolean whole = false;
    try {
      this.files = TarFiles.open(file, limits);
      whole = true;
    } finally {
      if (!whole) {
        folder.close();
      }
    }
  }

  @Override
  public Document root() {
    JsonNode image = image();
    config = small(image.path("Config").asText());
    List<Digest> diffIds =
        ImageConfiguration.read(config, "the configuration in " + files.label()).diffIds();
    JsonNode paths = image.path("Layers");
    if (paths.size() != diffIds.size() || paths.size() > MOST_LAYERS) {
      throw new ImageFailure(
          "%s has %d layers but its configuration names %d"
              .formatted(files.label(), paths.size(), diffIds.size()));
    }
    ObjectNode manifest = Json.newObject();
    manifest.put("schemaVersion", 2).put("mediaType", MediaTypes.DOCKER_MANIFEST);
    ObjectNode pointer = manifest.putObject("config");
    pointer.put("mediaType", MediaTypes.DOCKER_CONFIG).put("size", config.length);
    pointer.put("digest", Digest.sha256(config).toString());
    List<Descriptor> packed = new ArrayList<>();
    Map<Digest, Descriptor> done = new HashMap<>();
    for (int i = 0; i < diffIds.size(); i++) {
      Digest diffId = diffIds.get(i);
      Descriptor layer = done.get(diffId);
      if (layer == null) {
        layer = pack(paths.get(i).asText(), diffId);
        done.put(diffId, layer);
      }
      packed.add(layer);
    }
    var list = manifest.putArray("layers");
    for (Descriptor layer : packed) {
      list.addObject()
          .put("mediaType", LAYER)
          .put("size", layer.size())
          .put("digest", layer.digest().toString());
    }
    byte[] content = Json.pretty(manifest).getBytes(StandardCharsets.UTF_8);
    return new Document(
        content,
        new Descriptor(MediaTypes.DOCKER_MANIFEST, Digest.sha256(content), content.length));
  }

  private JsonNode image() {
    JsonNode list = Json.value(small("manifest.json"), "manifest.json in " + files.label());
    List<JsonNode> found = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (JsonNode each : list) {
      boolean named = name.isEmpty();
      for (JsonNode tag : each.path("RepoTags")) {
        names.add(tag.asText());
        named |= tag.asText().equals(name) || isSame(tag.asText());
      }
      if (named) {
        found.add(each);
      }
    }
    if (found.size() != 1) {
      throw new ImageFailure(
          "%s has %s image %s; it has %s"
              .formatted(
                  files.label(),
                  found.isEmpty() ? "no" : "more than one",
                  name.isEmpty() ? "(name one behind a colon)" : "\"" + name + "\"",
                  names.isEmpty() ? "none with a name" : String.join(", ", names)));
    }
    return found.getFirst();
  }

  /** Docker writes short names, skopeo long ones. */
  private boolean isSame(String tag) {
    try {
      return ImageReference.parse(tag).equals(ImageReference.parse(name));
    } catch (ImageFailure e) {
      return false;
    }
  }

  private Descriptor pack(String path, Digest diffId) {
    Path packed = folder.files().resolve(diffId.hex());
    MessageDigest plain = diffId.algorithm().start();
    MessageDigest whole = Digest.Algorithm.SHA256.start();
    try {
      try (InputStream in =
              new DigestInputStream(
                  CountedInflation.open(
                      files.open(path), budget, "layer \"" + path + "\" in " + files.label()),
                  plain);
          OutputStream out =
              new GZIPOutputStream(
                  new BufferedOutputStream(
                      new DigestOutputStream(Files.newOutputStream(packed), whole), 1 << 17))) {
        in.transferTo(out);
      }
      Digest actual = Digest.of(diffId.algorithm(), plain);
      if (!actual.equals(diffId)) {
        throw new ImageFailure(
            "layer \"%s\" in %s unpacks to %s, but the image's configuration names %s"
                .formatted(path, files.label(), actual, diffId));
      }
      Digest digest = Digest.of(Digest.Algorithm.SHA256, whole);
      layers.put(digest, packed);
      return new Descriptor(LAYER, digest, Files.size(packed));
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  @Override
  public byte[] document(Descriptor descriptor) {
    throw new ImageFailure(files.label() + " has no document " + descriptor.digest());
  }

  @Override
  public InputStream blob(Descriptor descriptor, long offset) {
    Path packed = layers.get(descriptor.digest());
    try {
      InputStream content =
          packed == null ? new ByteArrayInputStream(config) : Files.newInputStream(packed);
      content.skipNBytes(offset);
      return content;
    } catch (IOException e) {
      throw unreadable(descriptor.digest().toString(), e);
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

  private ImageFailure unreadable(String path, IOException cause) {
    return new ImageFailure(
        "cannot read \"%s\" in %s: %s".formatted(path, files.label(), Reasons.of(cause)), cause);
  }

  @Override
  public void close() {
    files.close();
    folder.close();
  }
}
