package dev.jrunc.image.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.reference.ImageReference;
import dev.jrunc.image.store.ImageContent;
import dev.jrunc.image.store.ImageStore;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Shows what an image in the store is made of.")
final class InspectCommand implements Callable<Integer> {
  @ParentCommand private JimageCommand parent;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "IMAGE", description = "A name as for pull.")
  private String image;

  @SuppressWarnings("NullAway.Init") // picocli fills the fields in
  InspectCommand() {}

  @Override
  public Integer call() {
    ImageStore store = parent.common().store();
    ImageContent content = store.content(store.find(ImageReference.parse(image).toString()));
    ObjectNode tree = tree(content);
    PrintWriter out = spec.commandLine().getOut();
    if (parent.common().json()) {
      out.println(Json.pretty(tree));
    } else {
      print(out, tree);
    }
    return 0;
  }

  private static ObjectNode tree(ImageContent content) {
    ObjectNode tree = Json.mapper().createObjectNode();
    tree.put("name", content.image().name());
    tree.put("digest", content.image().manifest().digest().toString());
    tree.put("mediaType", content.manifest().mediaType());
    tree.put("platform", content.configuration().platform().toString());
    tree.put("created", content.configuration().created());
    tree.put("pulled", content.image().pulled());
    ArrayNode layers = tree.putArray("layers");
    for (int i = 0; i < content.manifest().layers().size(); i++) {
      var layer = content.manifest().layers().get(i);
      layers
          .addObject()
          .put("digest", layer.digest().toString())
          .put("diffId", content.configuration().diffIds().get(i).toString())
          .put("size", layer.size())
          .put("mediaType", layer.mediaType());
    }
    JsonNode config = Json.object(content.configBytes(), "configuration").path("config");
    tree.set("config", config.isMissingNode() ? Json.mapper().createObjectNode() : config);
    return tree;
  }

  private static void print(PrintWriter out, ObjectNode tree) {
    for (String key : new String[] {"name", "digest", "platform", "created", "pulled"}) {
      out.printf("%-10s %s%n", key + ":", tree.path(key).asText());
    }
    for (JsonNode layer : tree.path("layers")) {
      out.printf(
          "%-10s %s (%s)%n",
          "layer:", layer.path("digest").asText(), Sizes.of(layer.path("size").asLong()));
    }
    tree.path("config")
        .properties()
        .forEach(entry -> out.printf("%-10s %s%n", entry.getKey() + ":", entry.getValue()));
  }
}
