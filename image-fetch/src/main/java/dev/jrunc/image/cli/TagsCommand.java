package dev.jrunc.image.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.reference.ImageReference;
import dev.jrunc.image.registry.RegistryClient;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "tags",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Lists the tags of a repository in its registry.",
    footerHeading = "%nExample:%n",
    footer = "  jimage tags quay.io/podman/hello")
final class TagsCommand extends Subcommand {
  @Parameters(paramLabel = "NAME", description = "A repository: a name as for pull, without tag.")
  private String name;

  @SuppressWarnings("NullAway.Init") // picocli fills the fields in
  TagsCommand() {}

  @Override
  public Integer call() {
    ImageReference image = ImageReference.parse(name);
    try (RegistryClient registry = connect(image)) {
      List<String> tags = registry.queries().tags(image);
      if (common().json()) {
        ObjectNode tree = Json.newObject();
        tree.put("repository", image.host() + "/" + image.repository());
        tags.forEach(tree.putArray("tags")::add);
        print(tree);
      } else {
        tags.forEach(this::line);
      }
    }
    return 0;
  }
}
