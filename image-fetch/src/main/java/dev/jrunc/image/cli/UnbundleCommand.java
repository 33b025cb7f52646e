package dev.jrunc.image.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.bundle.BundleNote;
import dev.jrunc.image.bundle.BundleRemoval;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.kernel.jnr.JnrGate;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "unbundle",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Removes a bundle that jimage made: its mount, its files and its hold on layers.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  jimage unbundle web             all that bundle made there; the folder stays",
      "  jimage unbundle --force web     also if a container still runs in it"
    })
final class UnbundleCommand extends Subcommand {
  @Parameters(arity = "0..1", paramLabel = "DIR", description = "The bundle (the current folder).")
  private String folder = ".";

  @Option(names = "--force", description = "Also if a container's process has its root there.")
  private boolean force;

  @SuppressWarnings("NullAway.Init") // picocli fills the fields in
  UnbundleCommand() {}

  @Override
  public Integer call() {
    Path bundle = Path.of(folder).toAbsolutePath().normalize();
    BundleNote removed = new BundleRemoval(new JnrGate()).remove(bundle, force);
    if (common().json()) {
      ObjectNode tree = Json.newObject();
      tree.put("bundle", bundle.toString());
      tree.put("image", removed.image());
      tree.put("mode", removed.mode().word());
      print(tree);
    } else {
      line("removed the bundle of " + removed.image() + " in " + bundle);
    }
    return 0;
  }
}
