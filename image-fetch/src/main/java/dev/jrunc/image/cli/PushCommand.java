package dev.jrunc.image.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.copy.ImageCopy;
import dev.jrunc.image.copy.RegistryTarget;
import dev.jrunc.image.copy.StoreSource;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.reference.ImageReference;
import dev.jrunc.image.registry.RegistryClient;
import dev.jrunc.image.store.ImageStore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "push",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Brings an image of the store into a registry. Layers that are there stay there.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  jimage push registry.example.org/app:1",
      "  jimage push alpine registry.example.org/alpine:latest"
    })
final class PushCommand extends Subcommand {
  @Parameters(index = "0", paramLabel = "IMAGE", description = "An image of the store.")
  private String image;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "NAME",
      description = "What to call it in the registry (the same).")
  private @Nullable String name;

  @Mixin private DigestFile digestFile;

  @SuppressWarnings("NullAway.Init") // picocli fills the fields in
  PushCommand() {}

  @Override
  public Integer call() {
    ImageStore store = common().store();
    ImageReference stored = ImageReference.parse(image);
    ImageReference target = name == null ? stored : ImageReference.parse(name);
    StoreSource source = new StoreSource(store, store.find(stored.toString()));
    try (RegistryClient registry = connect(target)) {
      ImageCopy.Result result =
          new ImageCopy(source, new RegistryTarget(registry, target), null, null, this::say).run();
      digestFile.write(result.root().digest());
      if (common().json()) {
        ObjectNode tree = Json.newObject();
        tree.put("name", target.toString());
        tree.put("digest", result.root().digest().toString());
        tree.put("blobs", result.blobs()).put("movedBytes", result.movedBytes());
        print(tree);
      } else {
        line(target + "@" + result.root().digest());
      }
    }
    return 0;
  }
}
