package dev.jrunc.image.commit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.bundle.BundleCheck;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.manifest.MediaTypes;
import dev.jrunc.image.store.ImageContent;
import dev.jrunc.image.store.ImageStore;
import dev.jrunc.image.store.Staging;
import dev.jrunc.image.store.StoredImage;
import dev.jrunc.kernel.Gate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Makes an image of a changed bundle: the layers of the bundle's image and one more, with what
 * differs from what was unpacked. The bundle stays as it is.
 */
public final class BundleCommit {
  private final Gate gate;
  private final ImageStore store;

  public BundleCommit(Gate gate, ImageStore store) {
    this.gate = gate;
    this.store = store;
  }

  /**
   * What was made.
   *
   * @param changes how many files differ
   */
  public record Outcome(StoredImage image, Descriptor layer, int changes) {}

  public Outcome commit(CommitRequest request) {
    BundleCheck check = new BundleCheck(gate);
    BundleCheck.Outcome changes = check.check(request.bundle(), true);
    if (changes.drifts().isEmpty()) {
      throw new ImageFailure(
          "nothing in \"" + request.bundle() + "\" has changed; there is nothing to commit");
    }
    ImageContent base = base(changes.note().digest(), changes.note().image());
    try (Staging staging = store.stage()) {
      Path fresh =
          staging.file(
              Digest.sha256(UUID.randomUUID().toString().getBytes(StandardCharsets.UTF_8)));
      PackedLayer packed = pack(check, request, changes, fresh);
      Digest diffId = packed.diffId();
      Descriptor layer =
          new Descriptor(request.packing().mediaType(), packed.digest(), packed.size());
      Files.move(fresh, staging.file(layer.digest()));
      byte[] config = configuration(base, request, diffId);
      Descriptor configuration =
          new Descriptor(MediaTypes.OCI_CONFIG, Digest.sha256(config), config.length);
      byte[] manifest = manifest(base, configuration, layer);
      Descriptor described =
          new Descriptor(MediaTypes.OCI_MANIFEST, Digest.sha256(manifest), manifest.length);
      Files.write(staging.file(configuration.digest()), config);
      Files.write(staging.file(described.digest()), manifest);
      StoredImage image =
          new StoredImage(request.image(), described, base.image().platform(), request.created());
      List<Descriptor> blobs = new ArrayList<>(base.manifest().layers());
      blobs.add(layer);
      blobs.add(configuration);
      blobs.add(described);
      staging.commit(image, blobs);
      return new Outcome(image, layer, changes.drifts().size());
    } catch (IOException e) {
      throw Reasons.cannotWrite(store.root(), e);
    }
  }

  // By digest: the name may have moved on since.
  private ImageContent base(String digest, String name) {
    for (StoredImage image : store.images()) {
      if (image.manifest().digest().toString().equals(digest)) {
        return store.content(image);
      }
    }
    throw new ImageFailure(
        "the image \""
            + name
            + "\" that the bundle was made of ("
            + digest
            + ") is no longer in the store; pull it by its digest first");
  }

  private PackedLayer pack(
      BundleCheck check, CommitRequest request, BundleCheck.Outcome changes, Path file)
      throws IOException {
    PackedLayer packed = PackedLayer.over(Files.newOutputStream(file), request.packing());
    try (packed;
        dev.jrunc.kernel.Descriptor root = check.rootfs(request.bundle(), changes.note())) {
      LayerWriter layer = new LayerWriter(packed);
      new ChangedFiles(gate, changes.note().recordsOwners())
          .write(root, changes.drifts(), changes.before().files(), layer);
      layer.close();
    }
    return packed;
  }

  private static byte[] configuration(ImageContent base, CommitRequest request, Digest diffId) {
    ObjectNode tree = (ObjectNode) Json.object(base.configBytes(), "configuration");
    tree.put("created", request.created());
    if (!request.author().isEmpty()) {
      tree.put("author", request.author());
    }
    tree.withObject("/rootfs").withArray("diff_ids").add(diffId.toString());
    JsonNode old = tree.path("history");
    ArrayNode history = old.isArray() ? (ArrayNode) old : tree.putArray("history");
    ObjectNode entry = history.addObject();
    entry.put("created", request.created()).put("created_by", "jimage commit");
    if (!request.author().isEmpty()) {
      entry.put("author", request.author());
    }
    if (!request.message().isEmpty()) {
      entry.put("comment", request.message());
    }
    return tree.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] manifest(ImageContent base, Descriptor configuration, Descriptor layer) {
    ObjectNode tree = Json.newObject();
    tree.put("schemaVersion", 2).put("mediaType", MediaTypes.OCI_MANIFEST);
    tree.set("config", described(configuration));
    ArrayNode layers = tree.putArray("layers");
    for (Descriptor each : base.manifest().layers()) {
      layers.add(described(new Descriptor(oci(each.mediaType()), each.digest(), each.size())));
    }
    layers.add(described(layer));
    return tree.toString().getBytes(StandardCharsets.UTF_8);
  }

  // An OCI manifest names OCI layers; the bytes are the same.
  private static String oci(String type) {
    return switch (type) {
      case "application/vnd.docker.image.rootfs.diff.tar",
          "application/vnd.docker.image.rootfs.foreign.diff.tar" ->
          Packing.NONE.mediaType();
      case "application/vnd.docker.image.rootfs.diff.tar.gzip",
          "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip" ->
          Packing.GZIP.mediaType();
      case "application/vnd.docker.image.rootfs.diff.tar.zstd" -> Packing.ZSTD.mediaType();
      default -> type;
    };
  }

  private static ObjectNode described(Descriptor descriptor) {
    return Json.newObject()
        .put("mediaType", descriptor.mediaType())
        .put("digest", descriptor.digest().toString())
        .put("size", descriptor.size());
  }
}
