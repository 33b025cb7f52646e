package dev.jrunc.image.cli;

import dev.jrunc.image.auth.Credential;
import dev.jrunc.image.auth.CredentialStore;
import dev.jrunc.image.auth.LoginFile;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.registry.RegistryClient;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "login",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Asks a registry whether it takes a name and a password, and keeps them as podman login"
          + " does.",
      "Where the file names a credential helper for the registry, the helper keeps them."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  jimage login registry.example.org",
      "  pass show registry | jimage login -u me --password-stdin registry.example.org",
      "  jimage login --get-login"
    })
final class LoginCommand extends Subcommand {
  @Mixin private LoginOptions where;

  @Option(
      names = {"-u", "--username"},
      paramLabel = "NAME",
      description = "The name (asked for on the terminal).")
  private @Nullable String user;

  @Option(
      names = {"-p", "--password"},
      paramLabel = "WORD",
      description = "The password; others on this machine can see it here.")
  private @Nullable String password;

  @Option(names = "--password-stdin", description = "Read the password from the input.")
  private boolean fromInput;

  @Option(names = "--get-login", description = "Only say as whom one is logged in.")
  private boolean get;

  @SuppressWarnings("NullAway.Init") // picocli fills the fields in
  LoginCommand() {}

  @Override
  public Integer call() {
    Path home = RegistryOptions.home();
    String host = where.host();
    if (get) {
      return say(
          host, CredentialStore.of(System.getenv(), home, common().authFile()).find(host, ""));
    }
    Credential.UserPassword credential = given();
    if (credential.user().isEmpty() || credential.password().isEmpty()) {
      throw new ImageFailure("a name and a password are needed, and one of them is empty");
    }
    try (RegistryClient client =
        common().registry().connect(this::say, CredentialStore.only(host, credential))) {
      client.queries().login(host);
    }
    Path kept =
        LoginFile.choose(common().authFile(), System.getenv(), home).store(host, credential);
    if (common().json()) {
      print(
          Json.newObject()
              .put("registry", host)
              .put("user", credential.user())
              .put("file", kept.toString()));
    } else {
      line("logged in to " + host + " as " + credential.user());
    }
    return 0;
  }

  private int say(String host, Credential found) {
    if (!(found instanceof Credential.UserPassword known)) {
      throw new ImageFailure(
          found instanceof Credential.Anonymous
              ? "not logged in to " + host
              : "logged in to " + host + " with " + found);
    }
    if (common().json()) {
      print(Json.newObject().put("registry", host).put("user", known.user()));
    } else {
      line(known.user());
    }
    return 0;
  }

  private Credential.UserPassword given() {
    String creds = common().creds();
    if (creds == null) {
      String name = user == null ? ask("Username: ") : user;
      return new Credential.UserPassword(name, secret(), "this log-in");
    }
    if (user != null || password != null || fromInput) {
      throw new ImageFailure("--creds has name and password: leave the other options for them out");
    }
    return PasswordInput.of("--creds", creds);
  }

  private String secret() {
    if (fromInput) {
      return PasswordInput.all();
    }
    if (password != null) {
      say("a password on the command line is seen by others; --password-stdin hides it");
      return password;
    }
    return PasswordInput.typed("Password: ");
  }

  private static String ask(String question) {
    String line = PasswordInput.terminal().readLine("%s", question);
    return line == null ? "" : line.strip();
  }
}
