package dev.jrunc.image.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.bundle.BundleBuilder;
import dev.jrunc.image.bundle.BundleMode;
import dev.jrunc.image.bundle.BundleOptions;
import dev.jrunc.image.bundle.BundleRequest;
import dev.jrunc.image.bundle.IdMaps;
import dev.jrunc.image.bundle.Profile;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.layer.UnpackLimits;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.manifest.Platform;
import dev.jrunc.image.reference.ImageReference;
import dev.jrunc.image.store.ImageContent;
import dev.jrunc.image.store.ImageStore;
import dev.jrunc.image.store.StoredImage;
import dev.jrunc.kernel.jnr.JnrGate;
import java.io.PrintWriter;
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
    description = "Makes a bundle (config.json and rootfs) of an image in the store.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  mkdir web && cd web && jimage bundle     the image last pulled, here",
      "  jimage bundle alpine /srv/alpine",
      "  jimage bundle --mode overlay alpine /srv/one     shares its layers with /srv/two",
      "  jimage bundle --profile umoci --tty alpine box   as umoci would write config.json",
      "  jimage bundle ./web                      a word that begins with . or / is the folder"
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
      description =
          "Where to put it (the current folder); it must hold no other bundle, be yours and be"
              + " closed to other users, who could run set-user-id programs of the image: a new or"
              + " an empty folder is made so.")
  private @Nullable String folder;

  @Option(
      names = "--mode",
      paramLabel = "copy|overlay",
      description = {
        "copy: files of its own (the default);",
        "overlay: layers unpacked once in the store and shared by all bundles; mounted at once, or,",
        "without root, by the runtime from config.json."
      })
  private String mode = "copy";

  @Option(
      names = "--profile",
      paramLabel = "NAME",
      description =
          "Whose defaults config.json has where the image says nothing: jrunc (the default),"
              + " docker, podman, umoci or runc.")
  private String profile = "jrunc";

  @Option(
      names = "--tty",
      negatable = true,
      description = "Give the program a terminal, or none (as the profile has it).")
  private @Nullable Boolean terminal;

  @Option(
      names = "--limit",
      paramLabel = "NAME=N",
      description =
          "Refuse an image of more than N entries (2000000), bytes (256 GiB), folders in a name:"
              + " depth (512), or a layer that unpacks to more than N times its size: ratio"
              + " (200).")
  private List<String> limits = new ArrayList<>();

  @Option(
      names = "--no-record",
      description = "Do not write down what a copy holds: verify and commit need it.")
  private boolean unrecorded;

  @SuppressWarnings("NullAway.Init") // picocli fills the fields in
  BundleCommand() {}

  @Override
  public Integer call() {
    // No image name begins like this.
    if (image != null && folder == null && (image.startsWith(".") || image.startsWith("/"))) {
      folder = image;
      image = null;
    }
    ImageStore store = parent.common().store();
    StoredImage stored =
        image == null ? store.lastPulled() : store.find(ImageReference.parse(image).toString());
    ImageContent content = store.content(stored);
    checkPlatform(content);
    Path target = Path.of(folder == null ? "." : folder).toAbsolutePath().normalize();
    BundleOptions options =
        new BundleOptions(
            Words.of(BundleMode.class, "--mode", mode, spec),
            Words.of(Profile.class, "--profile", profile, spec),
            terminal,
            !unrecorded,
            UnpackLimits.DEFAULT.with(limits),
            IdMaps.ofLauncher(System.getenv()),
            this::say);
    new BundleBuilder(new JnrGate(), store)
        .build(
            new BundleRequest(
                target,
                stored.name(),
                stored.manifest().digest().toString(),
                LayerSources.of(store, content),
                content.configBytes(),
                options));
    print(stored, target);
    return 0;
  }

  // Also without progress: it is about what the bundle lacks.
  private void say(String sentence) {
    spec.commandLine().getErr().println("jimage: " + Visible.of(sentence));
  }

  private void checkPlatform(ImageContent content) {
    Platform wanted = parent.common().platform();
    Platform actual = content.configuration().platform();
    if (wanted != null && !wanted.runnable().contains(actual)) {
      throw new ImageFailure(
          "image \"%s\" in the store is for %s, not for %s; pull it again with --platform"
              .formatted(content.image().name(), actual, wanted));
    }
  }

  private void print(StoredImage stored, Path target) {
    PrintWriter out = spec.commandLine().getOut();
    if (parent.common().json()) {
      ObjectNode tree = Json.newObject();
      tree.put("image", stored.name());
      tree.put("digest", stored.manifest().digest().toString());
      tree.put("bundle", target.toString());
      tree.put("mode", mode).put("profile", profile);
      tree.put("platform", stored.platform().toString());
      out.println(Visible.json(tree));
    } else {
      out.println(Visible.of("bundle of " + stored.name() + " in " + target));
    }
  }
}
