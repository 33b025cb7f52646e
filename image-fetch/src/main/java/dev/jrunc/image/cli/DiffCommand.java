package dev.jrunc.image.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.diff.ImageDiff;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.layer.UnpackLimits;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.reference.ImageReference;
import dev.jrunc.image.store.ImageContent;
import dev.jrunc.image.store.ImageStore;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Says what a second image of the store has otherwise: layers, settings, files.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  jimage diff app:1 app:2",
      "  jimage diff --no-files --json app:1 app:2      layers and settings, at once"
    })
final class DiffCommand extends Subcommand {
  @Parameters(index = "0", paramLabel = "A", description = "A name as for pull.")
  private String first;

  @Parameters(index = "1", paramLabel = "B", description = "Another one.")
  private String second;

  @Option(names = "--no-files", description = "Do not read the layers.")
  private boolean noFiles;

  @Option(
      names = "--limit",
      paramLabel = "NAME=N",
      description = "Read no more of an image than this: NAME as for bundle.")
  private List<String> limits = new ArrayList<>();

  @SuppressWarnings("NullAway.Init") // picocli fills the fields in
  DiffCommand() {}

  @Override
  public Integer call() {
    ImageStore store = common().store();
    ImageDiff diff =
        ImageDiff.between(
            store,
            content(store, first),
            content(store, second),
            noFiles ? null : UnpackLimits.DEFAULT.with(limits));
    if (common().json()) {
      print(tree(diff));
    } else {
      diff.removedLayers().forEach(layer -> line("- layer " + layer));
      diff.addedLayers().forEach(layer -> line("+ layer " + layer));
      diff.settings()
          .forEach(each -> {
            setting("- ", each.pointer(), each.before());
            setting("+ ", each.pointer(), each.after());
          });
      diff.files().forEach(each -> line(sign(each) + " " + each.path() + detail(each)));
    }
    return 0;
  }

  private void setting(String sign, String pointer, String value) {
    if (!value.isEmpty()) {
      line(sign + pointer + " " + value);
    }
  }

  private static char sign(ImageDiff.Change change) {
    return switch (change.change()) {
      case "added" -> '+';
      case "removed" -> '-';
      default -> '~';
    };
  }

  private static String detail(ImageDiff.Change change) {
    return change.what().isEmpty() ? "" : " (" + String.join(", ", change.what()) + ")";
  }

  private static ImageContent content(ImageStore store, String name) {
    return store.content(store.find(ImageReference.parse(name).toString()));
  }

  private static void digests(ArrayNode list, List<Digest> digests) {
    digests.forEach(each -> list.add(each.toString()));
  }

  private ObjectNode tree(ImageDiff diff) {
    ObjectNode tree = Json.newObject();
    tree.put("a", first).put("b", second).put("same", diff.isEmpty());
    ObjectNode layers = tree.putObject("layers");
    // Each of them also where it is empty: whoever reads it need not ask.
    digests(layers.putArray("shared"), diff.sharedLayers());
    digests(layers.putArray("removed"), diff.removedLayers());
    digests(layers.putArray("added"), diff.addedLayers());
    ArrayNode settings = tree.putArray("config");
    for (ImageDiff.Setting each : diff.settings()) {
      settings
          .addObject()
          .put("pointer", each.pointer())
          .put("a", each.before())
          .put("b", each.after());
    }
    ArrayNode files = tree.putArray("files");
    for (ImageDiff.Change each : diff.files()) {
      ObjectNode file = files.addObject().put("path", each.path()).put("change", each.change());
      each.what().forEach(file.putArray("what")::add);
    }
    return tree;
  }
}
