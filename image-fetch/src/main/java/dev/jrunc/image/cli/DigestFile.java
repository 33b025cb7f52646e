package dev.jrunc.image.cli;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.Reasons;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Where the digest of what was moved is written, for the script that goes on with it. */
final class DigestFile {
  private static final String NAME = "--digestfile";
  private static final String WHAT =
      "Write the digest of the manifest, or of the index, to this file.";

  @Option(names = NAME, paramLabel = "FILE", description = WHAT)
  private @Nullable Path file;

  /** For a command that is described without annotations. */
  void addTo(CommandSpec spec) {
    spec.addOption(Options.value(Path.class, value -> file = value, "FILE", WHAT, NAME).build());
  }

  // Without a line end, as skopeo and podman do.
  void write(Digest digest) {
    if (file != null) {
      try {
        Files.writeString(file, digest.toString());
      } catch (IOException e) {
        throw Reasons.cannotWrite(file, e);
      }
    }
  }
}
