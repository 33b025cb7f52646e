package dev.jrunc.image.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.pull.PullRequest;
import dev.jrunc.image.pull.RemoteImage;
import dev.jrunc.image.reference.ImageReference;
import dev.jrunc.image.registry.RegistryClient;
import dev.jrunc.image.store.ImageContent;
import dev.jrunc.image.store.ImageStore;
import dev.jrunc.image.store.StoredImage;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Model.CommandSpec;

final class InspectCommand extends Subcommand {
  private String image = "";
  private boolean remote;
  private boolean raw;

  private InspectCommand() {}

  static CommandSpec describe(JimageCommand parent) {
    InspectCommand command = new InspectCommand();
    CommandSpec spec =
        command.described(
            parent,
            "inspect",
            "Shows what an image is made of: one in the store, or one in its registry.");
    spec.addPositional(
        Options.word(0, value -> command.image = value, "IMAGE", "A name as for pull.").build());
    spec.addOption(
        Options.flag(
                value -> command.remote = value, "Ask the registry; nothing is pulled.", "--remote")
            .build());
    spec.addOption(
        Options.flag(value -> command.raw = value, "Print the manifest, byte for byte.", "--raw")
            .build());
    spec.addOption(Options.help()).addOption(Options.version());
    spec.usageMessage()
        .footerHeading("%nExamples:%n")
        .footer(
            "  jimage inspect alpine",
            "  jimage inspect --remote --platform linux/arm64 debian:12",
            "  jimage inspect --remote --raw debian:12      the manifest or index as it is");
    return spec;
  }

  @Override
  public Integer call() {
    ImageReference name = ImageReference.parse(image);
    if (remote) {
      try (RegistryClient registry = connect(name)) {
        if (raw) {
          raw(registry.manifest(name).content());
        } else {
          show(RemoteImage.inspect(registry, new PullRequest(name, common().platform())), "");
        }
      }
    } else {
      ImageStore store = common().store();
      StoredImage stored = store.find(name.toString());
      if (raw) {
        raw(store.document(stored.manifest()));
      } else {
        show(store.content(stored), stored.pulled());
      }
    }
    return 0;
  }

  private void raw(byte[] content) {
    String text = new String(content, StandardCharsets.UTF_8);
    // Nobody has read it yet: a program gets every byte, a terminal gets nothing to obey.
    spec()
        .commandLine()
        .getOut()
        .print(Terminal.isStandardOutput() ? Visible.lines(text) + "\n" : text);
    spec().commandLine().getOut().flush();
  }

  private void show(ImageContent content, String pulled) {
    ObjectNode tree = tree(content, pulled);
    if (common().json()) {
      print(tree);
    } else {
      show(tree);
    }
  }

  private static ObjectNode tree(ImageContent content, String pulled) {
    ObjectNode tree = Json.newObject();
    tree.put("name", content.image().name());
    tree.put("digest", content.image().manifest().digest().toString());
    tree.put("mediaType", content.manifest().mediaType());
    tree.put("platform", content.configuration().platform().toString());
    tree.put("created", content.configuration().created());
    tree.put("pulled", pulled);
    tree.put("index", indexOf(content));
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
    tree.set("config", config.isMissingNode() ? Json.newObject() : config);
    return tree;
  }

  /** What led to the manifest, if that was another document. */
  private static String indexOf(ImageContent content) {
    Digest resolved = content.image().resolved();
    return resolved == null || resolved.equals(content.image().manifest().digest())
        ? ""
        : resolved.toString();
  }

  private void show(ObjectNode tree) {
    for (String key : new String[] {"name", "digest", "platform", "created", "pulled"}) {
      if (!tree.path(key).asText().isEmpty()) {
        line("%-10s %s".formatted(key + ":", tree.path(key).asText()));
      }
    }
    for (JsonNode layer : tree.path("layers")) {
      line(
          "%-10s %s (%s)"
              .formatted(
                  "layer:", layer.path("digest").asText(), Sizes.of(layer.path("size").asLong())));
    }
    tree.path("config")
        .properties()
        .forEach(
            entry -> line("%-10s %s".formatted(entry.getKey() + ":", Json.line(entry.getValue()))));
  }
}
