package dev.jrunc.image.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.auth.LoginFile;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.Json;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "logout",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Forgets what login has kept for a registry.",
    footerHeading = "%nExample:%n",
    footer = "  jimage logout registry.example.org")
final class LogoutCommand extends Subcommand {
  @Mixin private LoginOptions where;

  @Option(
      names = {"-a", "--all"},
      description = "All registries of the file.")
  private boolean all;

  @SuppressWarnings("NullAway.Init") // picocli fills the fields in
  LogoutCommand() {}

  @Override
  public Integer call() {
    Path home = RegistryOptions.home();
    LoginFile login = LoginFile.choose(common().authFile(), System.getenv(), home);
    String host = where.host();
    List<String> forgotten = all ? login.eraseAll() : login.erase(host);
    if (forgotten.isEmpty() && !all) {
      throw new ImageFailure("not logged in to %s in \"%s\"".formatted(host, login.file()));
    }
    if (common().json()) {
      ObjectNode tree = Json.newObject().put("file", login.file().toString());
      forgotten.forEach(tree.putArray("forgotten")::add);
      print(tree);
    } else {
      line("logged out of " + (all ? "all registries" : host));
    }
    return 0;
  }
}
