package dev.jrunc.image.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.reference.ImageReference;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The file that {@code login} writes and {@code logout} clears. What else is in it stays as it is;
 * nobody but its owner can read it; others see the old file or the new one.
 */
public final class LoginFile {
  private static final int LARGEST = 1024 * 1024;

  private final Path file;

  private LoginFile(Path file) {
    this.file = file;
  }

  /** The one that podman and skopeo would read first. */
  public static LoginFile choose(
      @Nullable Path explicit, Map<String, String> environment, Path home) {
    if (explicit != null) {
      return new LoginFile(explicit);
    }
    String named = environment.getOrDefault("REGISTRY_AUTH_FILE", "");
    return new LoginFile(
        named.isEmpty() ? CredentialStore.runtimeFile(environment, home) : Path.of(named));
  }

  /** The host that people mean by a registry's address. */
  public static String host(String written) {
    String bare = written.replaceFirst("^https?://", "");
    int slash = bare.indexOf('/');
    String host = slash < 0 ? bare : bare.substring(0, slash);
    return CredentialStore.isHub(host) ? "docker.io" : ImageReference.parseHost(host);
  }

  public Path file() {
    return file;
  }

  /** Keeps a credential, and answers where. */
  public Path store(String host, Credential.UserPassword credential) {
    CredentialFile known = CredentialFile.open(file);
    String helper = known == null ? null : known.helperFor(key(host));
    if (helper != null) {
      CredentialHelper.named(helper).store(key(host), credential.user(), credential.password());
      // Docker marks so that the helper knows this one.
      change(tree -> tree.withObjectProperty("auths").putObject(key(host)));
      return file;
    }
    byte[] pair =
        (credential.user() + ":" + credential.password()).getBytes(StandardCharsets.UTF_8);
    String encoded = Base64.getEncoder().encodeToString(pair);
    change(tree -> tree.withObjectProperty("auths").putObject(key(host)).put("auth", encoded));
    return file;
  }

  /** Forgets a registry, under each name that it can have; answers the names that were there. */
  public List<String> erase(String host) {
    CredentialFile known = CredentialFile.open(file);
    List<String> erased = new ArrayList<>();
    if (known == null) {
      return erased;
    }
    String helper = known.helperFor(key(host));
    if (helper != null && CredentialHelper.named(helper).erase(key(host))) {
      erased.add(key(host));
    }
    change(tree -> {
      if (tree.path("auths") instanceof ObjectNode auths) {
        for (String key : CredentialStore.hostKeys(host)) {
          if (auths.remove(key) != null && !erased.contains(key)) {
            erased.add(key);
          }
        }
      }
    });
    return erased;
  }

  /** Forgets all registries of the file. */
  public List<String> eraseAll() {
    List<String> erased = new ArrayList<>();
    CredentialFile known = CredentialFile.open(file);
    if (known == null) {
      return erased;
    }
    change(tree -> {
      if (tree.path("auths") instanceof ObjectNode auths) {
        auths.fieldNames().forEachRemaining(erased::add);
        auths.removeAll();
      }
    });
    for (String key : erased) {
      String helper = known.helperFor(key);
      if (helper != null) {
        boolean _ = CredentialHelper.named(helper).erase(key);
      }
    }
    return erased;
  }

  /** Docker's own file has Docker's own name for its Hub. */
  private String key(String host) {
    boolean docker = file.endsWith("config.json");
    return docker && CredentialStore.isHub(host) ? CredentialStore.HUB_KEY : host;
  }

  private interface Change {
    void apply(ObjectNode tree);
  }

  private void change(Change change) {
    Path whole = file.toAbsolutePath();
    Path folder = whole.getParent() == null ? whole : whole.getParent();
    try {
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      Path lock = folder.resolve("." + whole.getFileName() + ".lock");
      try (FileChannel channel =
          FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        FileLock _ = channel.lock();
        ObjectNode tree = read(whole);
        change.apply(tree);
        write(whole, Json.pretty(tree) + "\n");
      }
    } catch (IOException e) {
      throw Reasons.cannotWrite(file, e);
    }
  }

  private static ObjectNode read(Path file) throws IOException {
    if (!Files.exists(file) || Files.size(file) == 0 || Files.size(file) > LARGEST) {
      return Json.newObject();
    }
    JsonNode tree = Json.object(Files.readAllBytes(file), "credential file \"" + file + "\"");
    return (ObjectNode) tree;
  }

  private static void write(Path file, String text) throws IOException {
    // A link, as to a file in a folder of settings, stays a link.
    Path target = Files.exists(file) ? file.toRealPath() : file;
    Path parent = target.getParent() == null ? target : target.getParent();
    Path fresh = Files.createTempFile(parent, ".auth-", ".json");
    try {
      Files.writeString(fresh, text);
      Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }
}
