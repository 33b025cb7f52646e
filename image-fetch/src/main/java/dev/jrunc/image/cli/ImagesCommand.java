package dev.jrunc.image.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.store.ImageStore;
import dev.jrunc.image.store.StoredImage;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;

final class ImagesCommand extends Subcommand {
  private ImagesCommand() {}

  static CommandSpec describe(JimageCommand parent) {
    CommandSpec spec =
        new ImagesCommand().described(parent, "images", "Lists the images in the store.");
    spec.addOption(Options.help()).addOption(Options.version());
    spec.usageMessage().footerHeading("%nExample:%n").footer("  jimage images --json");
    return spec;
  }

  @Override
  public Integer call() {
    ImageStore store = common().store();
    List<StoredImage> images = new ArrayList<>(store.images());
    images.sort((one, other) -> one.name().compareTo(other.name()));
    PrintWriter out = out();
    if (common().json()) {
      ArrayNode list = Json.newArray();
      images.forEach(image -> list.add(tree(store, image)));
      out.println(Json.pretty(list));
      return 0;
    }
    int width = images.stream().mapToInt(image -> image.name().length()).max().orElse(5);
    String row = "%-" + Math.max(width, 5) + "s  %-12s  %-16s  %9s  %s%n";
    out.printf(row, "IMAGE", "DIGEST", "PLATFORM", "SIZE", "PULLED");
    for (StoredImage image : images) {
      out.printf(
          row,
          image.name(),
          image.manifest().digest().brief(),
          image.platform(),
          Sizes.of(size(store, image)),
          image.pulled());
    }
    return 0;
  }

  private static ObjectNode tree(ImageStore store, StoredImage image) {
    return Json.newObject()
        .put("name", image.name())
        .put("digest", image.manifest().digest().toString())
        .put("platform", image.platform().toString())
        .put("size", size(store, image))
        .put("pulled", image.pulled());
  }

  private static long size(ImageStore store, StoredImage image) {
    Map<Digest, Long> sizes = new HashMap<>();
    store.content(image).blobs().forEach(blob -> sizes.put(blob.digest(), blob.size()));
    return sizes.values().stream().mapToLong(size -> size).sum();
  }
}
