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
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "images",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Lists the images in the store.",
    footerHeading = "%nExample:%n",
    footer = "  jimage images --json")
final class ImagesCommand implements Callable<Integer> {
  @ParentCommand private JimageCommand parent;
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli fills the fields in
  ImagesCommand() {}

  @Override
  public Integer call() {
    ImageStore store = parent.common().store();
    List<StoredImage> images = new ArrayList<>(store.images());
    images.sort((one, other) -> one.name().compareTo(other.name()));
    PrintWriter out = spec.commandLine().getOut();
    if (parent.common().json()) {
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
