package dev.jrunc.image.cli;

import dev.jrunc.image.bundle.BundleBuilder;
import dev.jrunc.image.bundle.BundleRequest;
import dev.jrunc.image.layer.LayerSource;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.reference.ImageReference;
import dev.jrunc.image.store.ImageContent;
import dev.jrunc.image.store.ImageStore;
import dev.jrunc.image.store.StoredImage;
import dev.jrunc.kernel.jnr.JnrGate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "bundle",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Makes a bundle of an image: config.json and rootfs.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  mkdir web && cd web && jimage bundle    of the image last pulled, here",
      "  jimage bundle alpine:3.20 /srv/web      of this image, there",
    })
final class BundleCommand implements Callable<Integer> {
  @ParentCommand private JimageCommand parent;
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "IMAGE",
      description = "A name as for pull (the image last pulled).")
  private @Nullable String image;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "DIR",
      description = "Where to make it (the current folder).")
  private @Nullable Path folder;

  @Option(names = "--tty", description = "Give the program a terminal.")
  private boolean tty;

  @SuppressWarnings("NullAway.Init") // picocli fills the fields in
  BundleCommand() {}

  @Override
  public Integer call() {
    ImageStore store = parent.common().store();
    StoredImage stored =
        image == null ? store.lastPulled() : store.find(ImageReference.parse(image).toString());
    ImageContent content = store.content(stored);
    Path target = (folder == null ? Path.of("") : folder).toAbsolutePath().normalize();
    BundleRequest request =
        new BundleRequest(
            target, stored.name(), layers(store, content), content.configBytes(), tty);
    new BundleBuilder(new JnrGate()).build(request);
    report(stored, target);
    return 0;
  }

  private static List<LayerSource> layers(ImageStore store, ImageContent content) {
    List<LayerSource> layers = new ArrayList<>();
    List<Descriptor> blobs = content.manifest().layers();
    for (int i = 0; i < blobs.size(); i++) {
      Descriptor blob = blobs.get(i);
      layers.add(
          new LayerSource(
              i + 1,
              blob.digest().toString(),
              content.configuration().diffIds().get(i),
              () -> store.open(blob)));
    }
    return layers;
  }

  private void report(StoredImage stored, Path target) {
    var out = spec.commandLine().getOut();
    if (parent.common().json()) {
      out.println(
          Json.pretty(
              Json.mapper()
                  .createObjectNode()
                  .put("image", stored.name())
                  .put("digest", stored.manifest().digest().toString())
                  .put("bundle", target.toString())));
    } else {
      out.println("bundle of " + stored.name() + " in " + target);
    }
  }
}
