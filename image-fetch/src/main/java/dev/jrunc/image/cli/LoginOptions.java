package dev.jrunc.image.cli;

import dev.jrunc.image.auth.LoginFile;
import dev.jrunc.image.reference.ImageReference;
import picocli.CommandLine.Parameters;

/** Which registry: the same for login and logout. */
final class LoginOptions {
  @Parameters(
      arity = "0..1",
      paramLabel = "REGISTRY",
      defaultValue = ImageReference.DOCKER_HUB,
      description = "HOST[:PORT] (docker.io)")
  private String registry;

  @SuppressWarnings("NullAway.Init") // picocli fills the fields in
  LoginOptions() {}

  String host() {
    return LoginFile.host(registry);
  }
}
