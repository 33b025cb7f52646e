package dev.jrunc.image.pull;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.pull.Resolution.Resolved;
import dev.jrunc.image.registry.RegistryClient;
import dev.jrunc.image.store.ImageContent;
import dev.jrunc.image.store.ImageStore;
import dev.jrunc.image.store.Staging;
import dev.jrunc.image.store.StoredImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/** Brings one image into the store: everything is verified before anything is visible. */
public final class ImagePull {
  private static final int LAYERS_AT_ONCE = 4;

  private final RegistryClient registry;
  private final ImageStore store;
  private final PullListener listener;

  public ImagePull(RegistryClient registry, ImageStore store, PullListener listener) {
    this.registry = registry;
    this.store = store;
    this.listener = listener;
  }

  public PulledImage pull(PullRequest request) {
    Resolved resolved = new Resolution(registry, request).resolve();
    Map<Descriptor, Digest> missing = missing(resolved);
    long bytes = missing.keySet().stream().mapToLong(Descriptor::size).sum();
    listener.on(new PullEvent.Planned(resolved.layers().size(), missing.size(), bytes));
    try (Staging staging = store.stage()) {
      write(staging, resolved.fetched().descriptor(), resolved.fetched().content());
      write(staging, resolved.manifest().config(), resolved.configBytes());
      download(request, staging, missing);
      StoredImage image =
          new StoredImage(
              request.image().toString(),
              resolved.fetched().descriptor(),
              resolved.configuration().platform(),
              Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
      List<Descriptor> blobs = new ArrayList<>(resolved.layers().keySet());
      blobs.add(resolved.manifest().config());
      blobs.add(resolved.fetched().descriptor());
      staging.commit(image, blobs);
      return new PulledImage(image, resolved.manifest().layers(), bytes);
    }
  }

  /** A layer that is there was verified against the diff_id of the image it came with. */
  private Map<Descriptor, Digest> missing(Resolved resolved) {
    Map<Digest, Digest> known = knownDiffIds();
    Map<Descriptor, Digest> missing = new LinkedHashMap<>();
    resolved
        .layers()
        .forEach((layer, diffId) -> {
          if (store.has(layer) && diffId.equals(known.get(layer.digest()))) {
            listener.on(new PullEvent.LayerPresent(layer));
          } else {
            missing.put(layer, diffId);
          }
        });
    return missing;
  }

  private Map<Digest, Digest> knownDiffIds() {
    Map<Digest, Digest> known = new HashMap<>();
    for (StoredImage image : store.images()) {
      try {
        ImageContent content = store.content(image);
        for (int i = 0; i < content.manifest().layers().size(); i++) {
          known.put(
              content.manifest().layers().get(i).digest(),
              content.configuration().diffIds().get(i));
        }
      } catch (ImageFailure e) {
        listener.on(new PullEvent.Notice("stored image " + image.name() + ": " + e.getMessage()));
      }
    }
    return known;
  }

  private static void write(Staging staging, Descriptor blob, byte[] content) {
    Path file = staging.file(blob.digest());
    try {
      Files.write(file, content);
    } catch (IOException e) {
      throw Reasons.cannotWrite(file, e);
    }
  }

  private void download(PullRequest request, Staging staging, Map<Descriptor, Digest> layers) {
    Semaphore places = new Semaphore(LAYERS_AT_ONCE);
    // Closing waits for the threads, so that none writes into a folder that is being removed.
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      ExecutorCompletionService<Descriptor> running = new ExecutorCompletionService<>(threads);
      layers.forEach((layer, diffId) ->
          running.submit(() -> {
            places.acquire();
            try {
              download(request, staging, layer, diffId);
            } finally {
              places.release();
            }
            return layer;
          }));
      try {
        for (int i = 0; i < layers.size(); i++) {
          Future<Descriptor> done = running.take();
          listener.on(new PullEvent.LayerVerified(done.get()));
        }
      } catch (ExecutionException e) {
        threads.shutdownNow();
        Throwable cause = e.getCause() == null ? e : e.getCause();
        throw cause instanceof ImageFailure failure
            ? failure
            : new ImageFailure("cannot pull " + request.image() + ": " + Reasons.of(cause), e);
      } catch (InterruptedException e) {
        threads.shutdownNow();
        Thread.currentThread().interrupt();
        throw new ImageFailure("interrupted while pulling " + request.image(), e);
      }
    }
  }

  private void download(PullRequest request, Staging staging, Descriptor layer, Digest diffId)
      throws IOException {
    listener.on(new PullEvent.LayerStarted(layer));
    try (InputStream blob = registry.blob(request.image(), layer)) {
      new LayerDownload(layer, diffId)
          .to(
              staging.file(layer.digest()),
              blob,
              bytes -> listener.on(new PullEvent.LayerProgress(layer, bytes)));
    }
  }
}
