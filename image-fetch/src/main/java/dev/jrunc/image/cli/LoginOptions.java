package dev.jrunc.image.cli;

import dev.jrunc.image.auth.LoginFile;
import dev.jrunc.image.reference.ImageReference;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which registry, and which file of credentials: the same for login and logout. */
final class LoginOptions {
  @Parameters(
      arity = "0..1",
      paramLabel = "REGISTRY",
      defaultValue = ImageReference.DOCKER_HUB,
      description = "HOST[:PORT] (docker.io)")
  private String registry;

  @Option(
      names = "--authfile",
      paramLabel = "FILE",
      description = "Where it is kept ($REGISTRY_AUTH_FILE, else podman's auth.json).")
  private @Nullable Path file;

  @SuppressWarnings("NullAway.Init") // picocli fills the fields in
  LoginOptions() {}

  String host() {
    return LoginFile.host(registry);
  }

  @Nullable Path file() {
    return file;
  }
}
