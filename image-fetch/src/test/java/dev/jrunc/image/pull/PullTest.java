package dev.jrunc.image.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.auth.CredentialStore;
import dev.jrunc.image.endpoint.Endpoints;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.Platform;
import dev.jrunc.image.reference.ImageReference;
import dev.jrunc.image.registry.FaultyRegistry;
import dev.jrunc.image.registry.RegistryClient;
import dev.jrunc.image.registry.RegistryListener;
import dev.jrunc.image.registry.RegistrySettings;
import dev.jrunc.image.registry.TestImage;
import dev.jrunc.image.registry.Timing;
import dev.jrunc.image.store.ImageContent;
import dev.jrunc.image.store.ImageStore;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Pulls against a registry that makes faults; the store is looked at after each. */
abstract class PullTest {
  static final Timing QUICK =
      new Timing(
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          Duration.ofMillis(400),
          Duration.ofMillis(2),
          Duration.ofSeconds(3));
  static final Platform AMD64 = Platform.parse("linux/amd64");
  static final byte[] BASE = TestImage.tar(1, 600_000);
  static final byte[] TOP = TestImage.tar(2, 10_000);

  @TempDir Path folder = Path.of("unset");
  private @Nullable FaultyRegistry started;
  final Map<String, List<URI>> mirrors = new HashMap<>();

  @BeforeEach
  void start() throws IOException {
    started = new FaultyRegistry();
  }

  @AfterEach
  void stop() {
    registry().close();
  }

  FaultyRegistry registry() {
    return Objects.requireNonNull(started);
  }

  String host(String name) {
    return registry().host() + "/" + name;
  }

  ImageReference name(String name) {
    return ImageReference.parse(host(name));
  }

  static String blob(byte[] tar) {
    return FaultyRegistry.blobPath("demo", TestImage.packGzip(tar));
  }

  ImageStore store() {
    return new ImageStore(folder.resolve("store"));
  }

  PulledImage pull(String name) {
    return pull(new PullRequest(name(name), null));
  }

  PulledImage pull(PullRequest request) {
    RegistrySettings settings =
        new RegistrySettings(
            Endpoints.of(mirrors, Set.of()), List.of(), List.of(), Map.of(), QUICK);
    CredentialStore credentials = new CredentialStore(List.of(folder.resolve("auth.json")));
    try (RegistryClient client =
        new RegistryClient(settings, credentials, RegistryListener.SILENT)) {
      PullRequest onAmd64 =
          request.platform() == null ? new PullRequest(request.image(), AMD64) : request;
      PulledImage pulled = new ImagePull(client, store(), _ -> {}).pull(onAmd64);
      ImageContent content = store().content(store().find(request.image().toString()));
      assertArrayEquals(pulled.layers().toArray(), content.manifest().layers().toArray());
      return pulled;
    }
  }

  String assertFails(String reason, String name) {
    String message = assertFails(reason, new PullRequest(name(name), null));
    assertEquals(0, store().images().size());
    return message;
  }

  String assertFails(String reason, PullRequest request) {
    List<Path> before = files();
    ImageFailure failure = assertThrows(ImageFailure.class, () -> pull(request));
    String message = String.valueOf(failure.getMessage());
    assertTrue(message.contains(reason), message);
    assertEquals(before, files(), "the store changed");
    return message;
  }

  List<Path> temporaries() {
    return files().stream().filter(file -> file.toString().contains(".tmp")).toList();
  }

  List<Path> files() {
    if (!Files.exists(folder.resolve("store"))) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(folder.resolve("store"))) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !file.endsWith(".lock") && !file.toString().contains("/.partial/"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  void credentials(String pair, String identity) throws IOException {
    String auth = Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
    Files.writeString(
        folder.resolve("auth.json"),
        "{\"auths\":{\"%s\":{\"auth\":\"%s\",\"identitytoken\":\"%s\"}}}"
            .formatted(registry().host(), auth, identity));
  }
}
