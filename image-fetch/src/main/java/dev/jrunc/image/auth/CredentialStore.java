package dev.jrunc.image.auth;

import dev.jrunc.image.failure.ImageFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds what other tools have stored for a registry; the first file that knows the registry
 * decides.
 *
 * <p>The order is that of containers/image: an explicit file, then podman's, then Docker's.
 */
public final class CredentialStore {
  static final String HUB_KEY = "https://index.docker.io/v1/";
  private static final Set<String> HUB_NAMES =
      Set.of("docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com");

  private final List<Path> files;
  private final Map<String, Credential> given;

  public CredentialStore(List<Path> files) {
    this(files, Map.of());
  }

  private CredentialStore(List<Path> files, Map<String, Credential> given) {
    this.files = List.copyOf(files);
    this.given = Map.copyOf(given);
  }

  /** One that knows no file. */
  public static CredentialStore only(String host, Credential credential) {
    return new CredentialStore(List.of(), Map.of(host, credential));
  }

  /** With one for a host that counts before all that the files have. */
  public CredentialStore with(String host, Credential credential) {
    return new CredentialStore(files, Map.of(host, credential));
  }

  /**
   * The files that the environment of a user names, or an explicit one.
   *
   * @throws ImageFailure if the explicit one is not there: another would be taken for it
   */
  public static CredentialStore of(
      Map<String, String> environment, Path home, @Nullable Path explicit) {
    if (explicit == null) {
      return of(environment, home);
    }
    if (!Files.isReadable(explicit)) {
      throw new ImageFailure("cannot read credential file \"" + explicit + "\"; is it there?");
    }
    return new CredentialStore(List.of(explicit), Map.of());
  }

  /** The files that the environment of a user names. */
  public static CredentialStore of(Map<String, String> environment, Path home) {
    List<Path> files = new ArrayList<>();
    String explicit = environment.getOrDefault("REGISTRY_AUTH_FILE", "");
    if (!explicit.isEmpty()) {
      return new CredentialStore(List.of(Path.of(explicit)));
    }
    files.add(runtimeFile(environment, home));
    String config = environment.getOrDefault("XDG_CONFIG_HOME", "");
    files.add(
        (config.isEmpty() ? home.resolve(".config") : Path.of(config))
            .resolve("containers/auth.json"));
    String docker = environment.getOrDefault("DOCKER_CONFIG", "");
    files.add(
        (docker.isEmpty() ? home.resolve(".docker") : Path.of(docker)).resolve("config.json"));
    return new CredentialStore(files);
  }

  /** Where podman keeps a log-in until the machine starts anew: containers-auth.json(5). */
  static Path runtimeFile(Map<String, String> environment, Path home) {
    String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
    if (!runtime.isEmpty()) {
      return Path.of(runtime, "containers/auth.json");
    }
    if (System.getProperty("user.name", "").equals("root")) {
      return Path.of("/run/containers/0/auth.json");
    }
    return home.resolve(".config/containers/auth.json");
  }

  static boolean isHub(String host) {
    return HUB_NAMES.contains(host);
  }

  /** Each name under which a registry may be kept. */
  static List<String> hostKeys(String host) {
    return keys(host, "", isHub(host));
  }

  /** What to show {@code host} (with its port) for {@code repository}. */
  public Credential find(String host, String repository) {
    Credential known = given.get(host);
    if (known != null) {
      return known;
    }
    boolean hub = HUB_NAMES.contains(host);
    List<String> keys = keys(host, repository, hub);
    String server = hub ? HUB_KEY : host;
    for (Path path : files) {
      CredentialFile file = CredentialFile.open(path);
      if (file == null) {
        continue;
      }
      String helper = file.helperFor(server);
      if (helper != null) {
        Credential credential = CredentialHelper.named(helper).get(server);
        if (!(credential instanceof Credential.Anonymous)) {
          return credential;
        }
      }
      Credential credential = file.find(keys);
      if (credential != null) {
        return credential;
      }
    }
    return new Credential.Anonymous();
  }

  /** Podman's keys may be paths: the most exact one first, then its parents, then the host. */
  private static List<String> keys(String host, String repository, boolean hub) {
    Set<String> keys = new LinkedHashSet<>();
    String path = (hub ? "docker.io" : host) + "/" + repository;
    for (int end = path.length(); end > 0; end = path.lastIndexOf('/', end - 1)) {
      keys.add(path.substring(0, end));
    }
    keys.add(host);
    keys.add("https://" + host);
    keys.add("http://" + host);
    keys.add("https://" + host + "/v1/");
    keys.add("https://" + host + "/v2/");
    if (hub) {
      keys.add(HUB_KEY);
      keys.add("index.docker.io/v1/");
      keys.addAll(HUB_NAMES);
    }
    return List.copyOf(keys);
  }
}
