package dev.jrunc.image.cli;

import dev.jrunc.image.manifest.Platform;
import dev.jrunc.image.store.ImageStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Options that are understood before and after the command. */
final class CommonOptions {
  // Filled by methods: picocli empties a list that was filled before the command when it meets it
  // after.
  private final List<String> mirrors = new ArrayList<>();
  private final List<Path> authorities = new ArrayList<>();
  private final List<String> insecure = new ArrayList<>();

  @Option(
      names = "--store",
      paramLabel = "DIR",
      scope = ScopeType.INHERIT,
      description = "Where images are kept (/var/lib/jimage for root, else $XDG_DATA_HOME/jimage).")
  private @Nullable Path store;

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH[/VARIANT]",
      scope = ScopeType.INHERIT,
      description = "Which image of several to take (that of this machine).")
  private @Nullable String platform;

  @Option(
      names = "--json",
      scope = ScopeType.INHERIT,
      description = "Print the result as JSON, and no progress.")
  private boolean json;

  @Option(
      names = {"-q", "--quiet"},
      scope = ScopeType.INHERIT,
      description = "Print no progress.")
  private boolean quiet;

  @Option(
      names = "--mirror",
      paramLabel = "HOST=URL",
      scope = ScopeType.INHERIT,
      description = "Ask this address before the registry itself (also $JIMAGE_MIRRORS).")
  void addMirror(@Nullable String value) {
    if (value != null) {
      mirrors.add(value);
    }
  }

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "Trust these certificates too (also $JIMAGE_CA).")
  void addAuthority(@Nullable Path value) {
    if (value != null) {
      authorities.add(value);
    }
  }

  @Option(
      names = "--insecure",
      paramLabel = "HOST[:PORT]",
      scope = ScopeType.INHERIT,
      description = "Accept any certificate of this registry, or plain HTTP.")
  void addInsecure(@Nullable String value) {
    if (value != null) {
      insecure.add(value);
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
