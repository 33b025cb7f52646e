package dev.jrunc.image.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.store.DiskUse;
import dev.jrunc.image.store.ImageStore;
import dev.jrunc.image.store.Reclaimed;
import java.util.Comparator;
import java.util.List;
import picocli.CommandLine.Command;

@Command(
    name = "du",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Says how many bytes each image takes alone, and how many it shares with others.",
    footerHeading = "%nExample:%n",
    footer = "  jimage du --json")
final class DiskUseCommand extends Subcommand {
  @Override
  public Integer call() {
    ImageStore store = common().store();
    DiskUse use = store.diskUse();
    List<DiskUse.Share> shares =
        use.shares().stream()
            .sorted(Comparator.comparing((DiskUse.Share share) -> share.image().name()))
            .toList();
    Reclaimed garbage = store.collectGarbage(true);
    if (common().json()) {
      ObjectNode tree = Json.newObject();
      ArrayNode images = tree.putArray("images");
      for (DiskUse.Share share : shares) {
        images
            .addObject()
            .put("name", share.image().name())
            .put("unique", share.unique())
            .put("shared", share.shared());
      }
      tree.put("bytes", use.bytes()).put("reclaimable", garbage.bytes());
      print(tree);
      return 0;
    }
    int width = shares.stream().mapToInt(share -> share.image().name().length()).max().orElse(5);
    String row = "%-" + Math.max(width, 5) + "s  %9s  %9s";
    line(row.formatted("IMAGE", "UNIQUE", "SHARED"));
    for (DiskUse.Share share : shares) {
      line(row.formatted(share.image().name(), Sizes.of(share.unique()), Sizes.of(share.shared())));
    }
    line(
        "all images %s, reclaimable with jimage gc %s"
            .formatted(Sizes.of(use.bytes()), Sizes.of(garbage.bytes())));
    return 0;
  }
}
