package dev.jrunc.image.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.store.ImageStore;
import dev.jrunc.image.store.StoredImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
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

  /**
   * A line of the list.
   *
   * @param size in bytes; {@code null} where the image is damaged
   * @param problem what is wrong with it, or empty
   */
  private record Listed(StoredImage image, @Nullable Long size, String problem) {}

  @Override
  public Integer call() {
    ImageStore store = common().store();
    List<StoredImage> images = new ArrayList<>(store.images());
    images.sort((one, other) -> one.name().compareTo(other.name()));
    List<Listed> list = images.stream().map(image -> listed(store, image)).toList();
    if (common().json()) {
      ArrayNode tree = Json.newArray();
      list.forEach(each -> tree.add(tree(each)));
      print(tree);
    } else {
      table(list);
    }
    list.forEach(this::complain);
    return list.stream().allMatch(each -> each.problem.isEmpty()) ? 0 : 1;
  }

  private void table(List<Listed> list) {
    int width = list.stream().mapToInt(each -> each.image.name().length()).max().orElse(5);
    String row = "%-" + Math.max(width, 5) + "s  %-12s  %-16s  %9s  %s";
    line(row.formatted("IMAGE", "DIGEST", "PLATFORM", "SIZE", "PULLED"));
    for (Listed each : list) {
      line(
          row.formatted(
              each.image.name(),
              each.image.manifest().digest().brief(),
              each.image.platform(),
              each.size == null ? "damaged" : Sizes.of(each.size),
              each.image.pulled()));
    }
  }

  private void complain(Listed each) {
    if (!each.problem.isEmpty()) {
      String name = each.image.name();
      warn(
          "jimage: image \"%s\" is damaged: %s; jimage verify %s says all, jimage pull %s mends it"
              .formatted(name, each.problem, name, name));
    }
  }

  private static ObjectNode tree(Listed each) {
    ObjectNode tree =
        Json.newObject()
            .put("name", each.image.name())
            .put("digest", each.image.manifest().digest().toString())
            .put("platform", each.image.platform().toString())
            .put("size", each.size)
            .put("pulled", each.image.pulled());
    return tree.put("problem", each.problem);
  }

  private static Listed listed(ImageStore store, StoredImage image) {
    Map<Digest, Long> sizes = new HashMap<>();
    try {
      store.content(image).blobs().forEach(blob -> sizes.put(blob.digest(), blob.size()));
    } catch (ImageFailure e) {
      return new Listed(image, null, String.valueOf(e.getMessage()));
    }
    return new Listed(image, sizes.values().stream().mapToLong(size -> size).sum(), "");
  }
}
