package dev.jrunc.image.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.reference.ImageReference;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "rm",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Removes an image from the store, and what no other image needs.",
    footerHeading = "%nExample:%n",
    footer = "  jimage rm registry.example.org/app:1")
final class RemoveCommand extends Subcommand {
  @Parameters(paramLabel = "IMAGE", description = "A name as for pull.")
  private String image;

  @SuppressWarnings("NullAway.Init") // picocli fills the fields in
  RemoveCommand() {}

  @Override
  public Integer call() {
    String name = ImageReference.parse(image).toString();
    List<Digest> removed = common().store().remove(name);
    if (common().json()) {
      ObjectNode tree = Json.newObject().put("name", name);
      var blobs = tree.putArray("removedBlobs");
      removed.stream().map(Digest::toString).sorted().forEach(blobs::add);
      print(tree);
    } else {
      line("removed " + name);
    }
    return 0;
  }
}
