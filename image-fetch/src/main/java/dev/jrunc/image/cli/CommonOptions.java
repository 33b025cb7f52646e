package dev.jrunc.image.cli;

import dev.jrunc.image.manifest.Platform;
import dev.jrunc.image.store.ImageStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ScopeType;

/** Options that are understood before and after the command. */
final class CommonOptions {
  private final List<String> mirrors = new ArrayList<>();
  private final List<Path> authorities = new ArrayList<>();
  private final List<String> insecure = new ArrayList<>();
  private @Nullable Path authFile;
  private @Nullable String creds;
  private @Nullable Path store;
  private @Nullable String platform;
  private boolean json;
  private boolean quiet;

  // Lists are filled one by one: picocli empties a list that was filled before the command when it
  // meets it after.
  void addTo(CommandSpec command) {
    List.of(
            Options.value(
                Path.class,
                value -> store = value,
                "DIR",
                "Where images are kept (/var/lib/jimage for root, else $XDG_DATA_HOME/jimage).",
                "--store"),
            Options.value(
                String.class,
                value -> platform = value,
                "OS/ARCH[/VARIANT]",
                "Which image of several to take (that of this machine).",
                "--platform"),
            Options.flag(
                value -> json = value, "Print the result as JSON, and no progress.", "--json"),
            Options.flag(value -> quiet = value, "Print no progress.", "-q", "--quiet"),
            Options.value(
                String.class,
                value -> add(value, mirrors),
                "HOST=URL",
                "Ask this address before the registry itself (also $JIMAGE_MIRRORS).",
                "--mirror"),
            Options.value(
                Path.class,
                value -> add(value, authorities),
                "FILE",
                "Trust these certificates too (also $JIMAGE_CA).",
                "--ca"),
            Options.value(
                String.class,
                value -> add(value, insecure),
                "HOST[:PORT]",
                "Accept any certificate of this registry, or plain HTTP.",
                "--insecure"),
            Options.value(
                Path.class,
                value -> authFile = value,
                "FILE",
                "Look for names and passwords in this file alone (also $REGISTRY_AUTH_FILE); login"
                    + " keeps them there.",
                "--authfile"),
            Options.value(
                String.class,
                value -> creds = value,
                "NAME[:PASSWORD]",
                "Show these to the registry of the image. Others on this machine see a password on"
                    + " a command line; without it, a line of the input is the password.",
                "--creds"))
        .forEach(option -> command.addOption(option.scopeType(ScopeType.INHERIT).build()));
  }

  private static <T> void add(@Nullable T value, List<T> to) {
    if (value != null) {
      to.add(value);
    }
  }

  boolean json() {
    return json;
  }

  boolean quiet() {
    return quiet || json;
  }

  @Nullable Platform platform() {
    return platform == null ? null : Platform.parse(platform);
  }

  ImageStore store() {
    return new ImageStore(store == null ? defaultStore(System.getenv()) : store);
  }

  RegistryOptions registry() {
    return new RegistryOptions(mirrors, authorities, insecure);
  }

  /** The file that somebody names on the command line. */
  @Nullable Path authFile() {
    return authFile;
  }

  /** As it was written. */
  @Nullable String creds() {
    return creds;
  }

  private static Path defaultStore(Map<String, String> environment) {
    // In the launcher's user namespace everybody is called root.
    boolean mapped = environment.containsKey("JIMAGE_USER_NAMESPACE");
    if (System.getProperty("user.name", "").equals("root") && !mapped) {
      return Path.of("/var/lib/jimage");
    }
    String data = environment.getOrDefault("XDG_DATA_HOME", "");
    String home =
        mapped ? environment.getOrDefault("HOME", ".") : System.getProperty("user.home", ".");
    return data.isEmpty() ? Path.of(home, ".local", "share", "jimage") : Path.of(data, "jimage");
  }
}
