package dev.jrunc.image.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.commit.BundleCommit;
import dev.jrunc.image.commit.CommitRequest;
import dev.jrunc.image.commit.Packing;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.reference.ImageReference;
import dev.jrunc.kernel.jnr.JnrGate;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "commit",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Makes an image of a changed bundle: the layers it was made of, and one more with what was",
      "changed, added and removed since."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  jimage commit ./web 127.0.0.1:5000/web:2",
      "  jimage commit --message 'own index page' --compress zstd . web:2"
    })
final class CommitCommand extends Subcommand {
  @Parameters(index = "0", paramLabel = "DIR", description = "The bundle.")
  private String folder;

  @Parameters(index = "1", paramLabel = "IMAGE", description = "What the image is called then.")
  private String image;

  @Option(
      names = {"-m", "--message"},
      paramLabel = "TEXT",
      description = "A comment for the image's history.")
  private String message = "";

  @Option(names = "--author", paramLabel = "NAME", description = "Who made it.")
  private String author = "";

  @Option(
      names = "--created",
      paramLabel = "TIME",
      description = "When, in ISO form (now); the same time gives the same image.")
  private @Nullable Instant created;

  @Option(
      names = "--compress",
      paramLabel = "gzip|zstd|none",
      description = "How the new layer is packed (gzip).")
  private String compress = "gzip";

  @SuppressWarnings("NullAway.Init") // picocli fills the fields in
  CommitCommand() {}

  @Override
  public Integer call() {
    Instant time = created == null ? Instant.now() : created;
    CommitRequest request =
        new CommitRequest(
            Path.of(folder).toAbsolutePath().normalize(),
            ImageReference.parse(image).toString(),
            Words.of(Packing.class, "--compress", compress, spec()),
            author,
            message,
            time.truncatedTo(ChronoUnit.SECONDS).toString());
    BundleCommit.Outcome made = new BundleCommit(new JnrGate(), common().store()).commit(request);
    if (common().json()) {
      ObjectNode tree = Json.newObject();
      tree.put("image", made.image().name());
      tree.put("digest", made.image().manifest().digest().toString());
      tree.put("layer", made.layer().digest().toString());
      tree.put("layerSize", made.layer().size());
      tree.put("changes", made.changes());
      print(tree);
    } else {
      line(made.image().name() + ": " + made.changes() + " changes in " + made.layer().digest());
    }
    return 0;
  }
}
