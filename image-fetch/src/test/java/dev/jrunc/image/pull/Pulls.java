package dev.jrunc.image.pull;

import dev.jrunc.image.auth.CredentialStore;
import dev.jrunc.image.endpoint.Endpoints;
import dev.jrunc.image.manifest.Platform;
import dev.jrunc.image.reference.ImageReference;
import dev.jrunc.image.registry.FaultyRegistry;
import dev.jrunc.image.registry.RegistryClient;
import dev.jrunc.image.registry.RegistryListener;
import dev.jrunc.image.registry.RegistrySettings;
import dev.jrunc.image.registry.Timing;
import dev.jrunc.image.store.ImageStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** A registry and a store for tests that pull more than once. */
final class Pulls implements AutoCloseable {
  static final Timing QUICK =
      new Timing(
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          Duration.ofMillis(400),
          Duration.ofMillis(2),
          Duration.ofSeconds(3));

  private final FaultyRegistry registry = new FaultyRegistry();
  private final List<String> notices = new CopyOnWriteArrayList<>();
  private final Path folder;

  Pulls(Path folder) throws IOException {
    this.folder = folder;
  }

  FaultyRegistry registry() {
    return registry;
  }

  ImageStore store() {
    return new ImageStore(folder.resolve("store"));
  }

  /** What the pulls so far told a person. */
  List<String> notices() {
    return notices;
  }

  RegistryClient client() {
    RegistrySettings settings =
        new RegistrySettings(
            Endpoints.of(Map.of(), Set.of()), List.of(), List.of(), Map.of(), QUICK);
    CredentialStore credentials = new CredentialStore(List.of(folder.resolve("auth.json")));
    return new RegistryClient(settings, credentials, RegistryListener.SILENT);
  }

  PulledImage pull(String name) {
    ImageReference image = ImageReference.parse(registry.host() + "/" + name);
    try (RegistryClient client = client()) {
      PullListener listener =
          event -> {
            if (event instanceof PullEvent.Notice notice) {
              notices.add(notice.sentence());
            }
          };
      return new ImagePull(client, store(), listener)
          .pull(new PullRequest(image, Platform.parse("linux/amd64")));
    }
  }

  @Override
  public void close() {
    registry.close();
  }
}
