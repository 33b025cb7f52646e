package dev.jrunc.image.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.store.ImageStore;
import dev.jrunc.image.store.Reclaimed;
import dev.jrunc.image.store.UnpackedLayers;
import dev.jrunc.kernel.jnr.JnrGate;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "gc",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Removes from the store what no image and no bundle needs, and parts of layers that nobody"
            + " is fetching.",
    footerHeading = "%nExample:%n",
    footer = "  jimage gc --dry-run")
final class GarbageCommand extends Subcommand {
  @Option(names = "--dry-run", description = "Only say which files would be removed.")
  private boolean dry;

  @Override
  public Integer call() {
    ImageStore store = common().store();
    Reclaimed reclaimed = store.collectGarbage(dry);
    // JNR is loaded only where layers were unpacked.
    UnpackedLayers unpacked = new UnpackedLayers(store);
    List<Digest> layers =
        dry || unpacked.isEmpty() ? List.of() : unpacked.collect(new JnrGate(), this::say);
    if (common().json()) {
      ObjectNode tree = Json.newObject();
      tree.put("removed", !dry).put("bytes", reclaimed.bytes());
      reclaimed.files().forEach(tree.putArray("files")::add);
      ArrayNode trees = tree.putArray("unpackedLayers");
      layers.forEach(layer -> trees.add(layer.toString()));
      print(tree);
    } else {
      line(
          "%s %d files, %s, and %d unpacked layers"
              .formatted(
                  dry ? "would remove" : "removed",
                  reclaimed.files().size(),
                  Sizes.of(reclaimed.bytes()),
                  layers.size()));
    }
    return 0;
  }
}
