package dev.jrunc.image.copy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.digest.VerifyingStream;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.layer.CountedInflation;
import dev.jrunc.image.layer.UnpackBudget;
import dev.jrunc.image.layer.UnpackLimits;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.ImageConfiguration;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.manifest.ManifestDocument.ImageManifest;
import dev.jrunc.image.manifest.ManifestReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What {@code docker load} reads: one image, its layers unpacked, each called by its diff_id. */
public final class DockerArchiveTarget implements ImageTarget {
  private final Archive archive;
  private final String name;
  private final UnpackBudget budget;
  private final Map<Digest, Path> blobs = new ConcurrentHashMap<>();

  /**
   * @param name the tag that the image is loaded under, with its repository; or empty
   * @param limits of what the layers may unpack to
   */
  public DockerArchiveTarget(Path file, String name, UnpackLimits limits) {
    this.archive = new Archive(file);
    this.name = name;
    this.budget = new UnpackBudget(limits);
  }

  @Override
  public boolean takesIndexes() {
    return false;
  }

  @Override
  public boolean blob(Descriptor blob, @Nullable String from, Content content) {
    Path file = archive.folder().resolve(blob.digest().hex() + ".blob");
    try {
      // As it comes: which of them is the configuration is known in the end.
      try (InputStream in = new VerifyingStream(content.from(0), blob.digest(), blob.size())) {
        Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
      }
      blobs.put(blob.digest(), file);
      return true;
    } catch (IOException e) {
      throw Reasons.cannotWrite(file, e);
    }
  }

  @Override
  public void manifest(Descriptor manifest, byte[] content) {
    throw new IllegalStateException("takes no indexes");
  }

  @Override
  public void finish(Descriptor root, byte[] content) {
    ImageManifest image =
        (ImageManifest) new ManifestReader("the manifest").read(content, root.mediaType());
    Path folder = archive.folder();
    try {
      Path config = Objects.requireNonNull(blobs.get(image.config().digest()));
      List<Digest> diffIds =
          ImageConfiguration.read(Files.readAllBytes(config), "the configuration").diffIds();
      if (diffIds.size() != image.layers().size()) {
        throw new ImageFailure(
            "the image has %d layers but its configuration names %d"
                .formatted(image.layers().size(), diffIds.size()));
      }
      ArrayNode list = Json.newArray();
      ObjectNode entry = list.addObject();
      entry.put("Config", image.config().digest().hex() + ".json");
      ArrayNode tags = entry.putArray("RepoTags");
      if (!name.isEmpty()) {
        tags.add(name);
      }
      ArrayNode layers = entry.putArray("Layers");
      for (int i = 0; i < diffIds.size(); i++) {
        Path packed = Objects.requireNonNull(blobs.get(image.layers().get(i).digest()));
        unpack(packed, diffIds.get(i), folder.resolve(diffIds.get(i).hex() + ".tar"));
        layers.add(diffIds.get(i).hex() + ".tar");
      }
      Files.move(config, folder.resolve(image.config().digest().hex() + ".json"));
      blobs.remove(image.config().digest());
      for (Path blob : blobs.values()) {
        Files.deleteIfExists(blob);
      }
      Files.writeString(folder.resolve("manifest.json"), Json.pretty(list), StandardCharsets.UTF_8);
      archive.finish();
    } catch (IOException e) {
      throw Reasons.cannotWrite(folder, e);
    }
  }

  private void unpack(Path packed, Digest diffId, Path plain) throws IOException {
    if (Files.exists(plain)) {
      return;
    }
    MessageDigest computation = diffId.algorithm().start();
    try (InputStream in =
            CountedInflation.open(Files.newInputStream(packed), budget, "layer " + diffId);
        OutputStream out = new DigestOutputStream(Files.newOutputStream(plain), computation)) {
      in.transferTo(out);
    }
    Digest actual = Digest.of(diffId.algorithm(), computation);
    if (!actual.equals(diffId)) {
      throw new ImageFailure(
          "a layer unpacks to %s, but the image's configuration names %s"
              .formatted(actual, diffId));
    }
  }

  @Override
  public void close() {
    archive.close();
  }
}
