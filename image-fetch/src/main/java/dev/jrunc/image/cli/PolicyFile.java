package dev.jrunc.image.cli;

import dev.jrunc.image.signature.Policy;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Which policy.json decides what comes in. */
final class PolicyFile {
  private static final String NAME = "--policy";
  private static final String WHAT =
      "Obey this policy.json (~/.config/containers/policy.json or /etc/containers/policy.json, if"
          + " there is one).";

  @Option(names = NAME, paramLabel = "FILE", description = WHAT)
  private @Nullable Path file;

  /** For a command that is described without annotations. */
  void addTo(CommandSpec spec) {
    spec.addOption(Options.value(Path.class, value -> file = value, "FILE", WHAT, NAME).build());
  }

  /** Null where there is none. */
  @Nullable Policy find() {
    return Policy.find(file, RegistryOptions.home());
  }
}
