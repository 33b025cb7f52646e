package dev.jrunc.image.pull;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.pull.Resolution.Resolved;
import dev.jrunc.image.registry.RegistryClient;
import dev.jrunc.image.store.ImageStore;
import dev.jrunc.image.store.PartialBlob;
import dev.jrunc.image.store.Staging;
import dev.jrunc.image.store.StoredImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntConsumer;

/** Brings one image into the store: everything is verified before anything is visible. */
public final class ImagePull {
  private static final int LAYERS_AT_ONCE = 4;

  private final RegistryClient registry;
  private final ImageStore store;
  private final PullListener listener;
  private final Admission admission;

  public ImagePull(RegistryClient registry, ImageStore store, PullListener listener) {
    this(registry, store, listener, Admission.OPEN);
  }

  public ImagePull(
      RegistryClient registry, ImageStore store, PullListener listener, Admission admission) {
    this.registry = registry;
    this.store = store;
    this.listener = listener;
    this.admission = admission;
  }

  public PulledImage pull(PullRequest request) {
    store.mend().forEach(sentence -> listener.on(new PullEvent.Notice(sentence)));
    Resolution resolution = new Resolution(registry, request);
    Resolved unchanged = resolution.unchanged(store);
    Resolved resolved = unchanged == null ? resolution.resolve() : unchanged;
    Set<Digest> digests = new LinkedHashSet<>();
    digests.add(resolved.root());
    digests.add(resolved.fetched().descriptor().digest());
    admission.check(request.image(), digests);
    List<Descriptor> blobs = new ArrayList<>(resolved.layers());
    blobs.add(resolved.manifest().config());
    blobs.add(resolved.fetched().descriptor());
    LongAdder fetched = new LongAdder();
    try (Staging staging = store.stage()) {
      staging.lease(blobs.stream().map(Descriptor::digest).toList());
      Map<Descriptor, PartialBlob> missing = missing(resolved, staging);
      plan(resolved, missing);
      write(staging, resolved.fetched().descriptor(), resolved.fetched().content());
      write(staging, resolved.manifest().config(), resolved.configBytes());
      Concurrently.each(
          missing.entrySet(),
          LAYERS_AT_ONCE,
          "pull " + request.image(),
          layer -> download(request, layer.getKey(), layer.getValue(), fetched));
      StoredImage image =
          new StoredImage(
              request.image().toString(),
              resolved.fetched().descriptor(),
              resolved.configuration().platform(),
              Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
              resolved.root());
      staging.commit(image, blobs);
      return new PulledImage(image, resolved.manifest().layers(), fetched.sum());
    }
  }

  private void plan(Resolved resolved, Map<Descriptor, PartialBlob> missing) {
    long bytes = 0;
    for (Map.Entry<Descriptor, PartialBlob> layer : missing.entrySet()) {
      bytes += Math.max(layer.getKey().size() - layer.getValue().length(), 0);
    }
    listener.on(new PullEvent.Planned(resolved.layers().size(), missing.size(), bytes));
  }

  /** Reading what is there costs a second a gigabyte, and mends what a disk or a hand damaged. */
  private Map<Descriptor, PartialBlob> missing(Resolved resolved, Staging staging) {
    Map<Descriptor, PartialBlob> missing = new ConcurrentHashMap<>();
    Concurrently.each(
        resolved.layers(),
        LAYERS_AT_ONCE,
        "check the store",
        blob -> {
          if (store.has(blob) && isWhole(blob)) {
            listener.on(new PullEvent.LayerPresent(blob));
          } else {
            missing.put(blob, staging.partial(blob.digest()));
          }
        });
    return missing;
  }

  private boolean isWhole(Descriptor layer) {
    try (InputStream content = store.open(layer)) {
      LayerDownload.drain(content);
      return true;
    } catch (IOException | ImageFailure e) {
      listener.on(
          new PullEvent.Notice(
              "the store's blob is damaged and fetched again: %s".formatted(Reasons.of(e))));
      return false;
    }
  }

  private static void write(Staging staging, Descriptor blob, byte[] content) {
    Path file = staging.file(blob.digest());
    try {
      Files.write(file, content);
    } catch (IOException e) {
      throw Reasons.cannotWrite(file, e);
    }
  }

  private void download(
      PullRequest request, Descriptor layer, PartialBlob partial, LongAdder fetched) {
    listener.on(new PullEvent.LayerStarted(layer));
    if (partial.length() > 0) {
      listener.on(
          new PullEvent.Notice(
              "layer %s: %d of %d bytes came earlier"
                  .formatted(layer.digest().brief(), partial.length(), layer.size())));
    }
    LayerDownload whole = new LayerDownload(layer);
    IntConsumer progress =
        bytes -> {
          fetched.add(bytes);
          listener.on(new PullEvent.LayerProgress(layer, bytes));
        };
    registry.read(
        request.image(),
        layer,
        blob -> {
          whole.to(partial, blob::at, progress);
          return layer;
        });
    listener.on(new PullEvent.LayerVerified(layer));
  }
}
