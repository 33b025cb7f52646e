package dev.jrunc.image.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.layer.TreeForm;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.store.ImageStore;
import dev.jrunc.image.store.UnpackedLayers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What jimage writes down beside a bundle, in {@code .jimage/bundle.json}.
 *
 * @param id names the bundle in the store
 * @param image what it was made of, and {@code digest} of its manifest
 * @param store where the image is
 * @param layers chain ids of the layers it shares; none for a copy
 * @param ids of the layers, see {@link IdMaps#key}; where it is not empty, the runtime mounts them
 * @param recordsOwners whether its files could not be given away, and only say whose they are
 */
public record BundleNote(
    String id,
    BundleMode mode,
    String image,
    String digest,
    Path store,
    List<Digest> layers,
    String ids,
    boolean recordsOwners) {
  private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
  private static final Pattern WORD = Pattern.compile("\\w*");
  static final String FOLDER = ".jimage";
  static final String FILE = "bundle.json";

  public BundleNote {
    layers = List.copyOf(layers);
  }

  /** Of the bundle in {@code folder}. */
  public static BundleNote of(Path folder) {
    return of(folder, folder);
  }

  /**
   * The same.
   *
   * @param shown what people call the folder
   */
  static BundleNote of(Path folder, Path shown) {
    Path file = folder.resolve(FOLDER).resolve(FILE);
    try {
      String name = "\"" + shown.resolve(FOLDER).resolve(FILE) + "\"";
      return read(Json.object(Files.readAllBytes(file), name), name);
    } catch (NoSuchFileException e) {
      throw new ImageFailure("\"" + shown + "\" is no bundle that jimage made", e);
    } catch (IOException e) {
      throw Reasons.cannotRead(file, e);
    }
  }

  private static BundleNote read(JsonNode tree, String name) {
    List<Digest> layers = new ArrayList<>();
    tree.path("layers").forEach(layer -> layers.add(Digest.parse(layer.asText())));
    String mode = tree.path("mode").asText().toUpperCase(Locale.ROOT);
    String id = tree.path("id").asText();
    String ids = tree.path("ids").asText();
    // Both become parts of file names.
    if (!UUID.matcher(id).matches() || !WORD.matcher(ids).matches()) {
      throw new ImageFailure(name + " is damaged: its id or ids are none that jimage writes");
    }
    return new BundleNote(
        id,
        mode.equals(BundleMode.OVERLAY.name()) ? BundleMode.OVERLAY : BundleMode.COPY,
        tree.path("image").asText(),
        tree.path("digest").asText(),
        Path.of(tree.path("store").asText()),
        layers,
        ids,
        tree.path("recordsOwners").asBoolean());
  }

  /** Where the layers it shares are. */
  UnpackedLayers unpacked() {
    return new UnpackedLayers(new ImageStore(store), ids);
  }

  /** What they look like there. */
  TreeForm form() {
    return ids.isEmpty() ? TreeForm.OVERLAY : TreeForm.USER_OVERLAY;
  }

  String json() {
    ObjectNode tree = Json.newObject();
    tree.put("id", id).put("mode", mode.word()).put("image", image).put("digest", digest);
    tree.put("store", store.toString()).put("ids", ids).put("recordsOwners", recordsOwners);
    var list = tree.putArray("layers");
    layers.forEach(layer -> list.add(layer.toString()));
    return Json.pretty(tree) + "\n";
  }
}
