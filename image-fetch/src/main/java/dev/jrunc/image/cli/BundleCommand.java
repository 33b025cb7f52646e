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
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

final class BundleCommand extends Subcommand {
  private @Nullable String image;
  private @Nullable String folder;
  private String mode = "copy";
  private String profile = "jrunc";
  private @Nullable Boolean terminal;
  private List<String> limits = List.of();
  private boolean unrecorded;

  private BundleCommand() {}

  static CommandSpec describe(JimageCommand parent) {
    BundleCommand command = new BundleCommand();
    CommandSpec spec =
        command.described(
            parent, "bundle", "Makes a bundle (config.json and rootfs) of an image in the store.");
    command.addWords(spec);
    command.addOptions(spec);
    spec.addOption(Options.help()).addOption(Options.version());
    spec.usageMessage()
        .footerHeading("%nExamples:%n")
        .footer(
            "  mkdir web && cd web && jimage bundle     the image last pulled, here",
            "  jimage bundle alpine /srv/alpine",
            "  jimage bundle --mode overlay alpine /srv/one     shares its layers with /srv/two",
            "  jimage bundle --profile umoci --tty alpine box   as umoci would write config.json",
            "  jimage bundle ./web                      a word that begins with . or / is the folder");
    return spec;
  }

  private void addWords(CommandSpec spec) {
    spec.addPositional(
        Options.optionalWord(
                0, value -> image = value, "IMAGE", "A name as for pull (the image last pulled).")
            .build());
    spec.addPositional(
        Options.optionalWord(
                1,
                value -> folder = value,
                "DIR",
                "Where to put it (the current folder); it must hold no other bundle, be yours and be"
                    + " closed to other users, who could run set-user-id programs of the image: a"
                    + " new or an empty folder is made so.")
            .build());
  }

  private void addOptions(CommandSpec spec) {
    spec.addOption(
        Options.value(
                String.class,
                value -> mode = value == null ? "copy" : value,
                "copy|overlay",
                "copy: files of its own (the default);",
                "--mode")
            .description(
                "copy: files of its own (the default);",
                "overlay: layers unpacked once in the store and shared by all bundles; mounted at"
                    + " once, or,",
                "without root, by the runtime from config.json.")
            .build());
    spec.addOption(
        Options.value(
                String.class,
                value -> profile = value == null ? "jrunc" : value,
                "NAME",
                "Whose defaults config.json has where the image says nothing: jrunc (the default),"
                    + " docker, podman, umoci or runc.",
                "--profile")
            .build());
    spec.addOption(
        Options.value(
                Boolean.class,
                value -> terminal = value,
                "",
                "Give the program a terminal, or none (as the profile has it).",
                "--tty")
            .negatable(true)
            .build());
    spec.addOption(
        Options.list(
                value -> limits = value,
                "NAME=N",
                "Refuse an image of more than N entries (2000000), bytes (256 GiB), folders in a"
                    + " name: depth (512), or a layer that unpacks to more than N times its size:"
                    + " ratio (200).",
                "--limit")
            .build());
    spec.addOption(
        Options.flag(
                value -> unrecorded = value,
                "Do not write down what a copy holds: verify and commit need it.",
                "--no-record")
            .build());
  }

  @Override
  public Integer call() {
    // No image name begins like this.
    if (image != null && folder == null && (image.startsWith(".") || image.startsWith("/"))) {
      folder = image;
      image = null;
    }
    ImageStore store = common().store();
    StoredImage stored =
        image == null ? store.lastPulled() : store.find(ImageReference.parse(image).toString());
    ImageContent content = store.content(stored);
    checkPlatform(content);
    Path target = Path.of(folder == null ? "." : folder).toAbsolutePath().normalize();
    BundleOptions options =
        new BundleOptions(
            Words.of(BundleMode.class, "--mode", mode, spec()),
            Words.of(Profile.class, "--profile", profile, spec()),
            terminal,
            !unrecorded,
            UnpackLimits.DEFAULT.with(limits),
            IdMaps.ofLauncher(System.getenv()),
            this::lacks);
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
  private void lacks(String sentence) {
    spec().commandLine().getErr().println("jimage: " + Visible.of(sentence));
  }

  private void checkPlatform(ImageContent content) {
    Platform wanted = common().platform();
    Platform actual = content.configuration().platform();
    if (wanted != null && !wanted.runnable().contains(actual)) {
      throw new ImageFailure(
          "image \"%s\" in the store is for %s, not for %s; pull it again with --platform"
              .formatted(content.image().name(), actual, wanted));
    }
  }

  private void print(StoredImage stored, Path target) {
    PrintWriter out = spec().commandLine().getOut();
    if (common().json()) {
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
