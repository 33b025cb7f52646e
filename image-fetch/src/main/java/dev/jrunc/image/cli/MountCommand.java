package dev.jrunc.image.cli;

import dev.jrunc.image.bundle.BundleMount;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.kernel.jnr.JnrGate;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "mount",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Mounts the layers of an overlay bundle again, which a restart of the machine takes away.",
      "What its containers have changed is there again. Where there is nothing to mount, it is done."
    },
    footerHeading = "%nExample:%n",
    footer = "  jimage mount /srv/web && jrunc run --bundle /srv/web web")
final class MountCommand extends Subcommand {
  @Parameters(arity = "0..1", paramLabel = "DIR", description = "The bundle (the current folder).")
  private String folder = ".";

  @Override
  public Integer call() {
    Path bundle = Path.of(folder).toAbsolutePath().normalize();
    BundleMount.Outcome outcome = new BundleMount(new JnrGate()).mount(bundle);
    if (common().json()) {
      print(
          Json.newObject()
              .put("bundle", bundle.toString())
              .put("outcome", outcome.name().toLowerCase(Locale.ROOT)));
    } else {
      line(
          switch (outcome) {
            case MOUNTED -> "mounted the layers of the bundle in " + bundle;
            case ALREADY -> "the layers of the bundle in " + bundle + " are mounted";
            case NONE -> "there is nothing to mount for the bundle in " + bundle;
          });
    }
    return 0;
  }
}
