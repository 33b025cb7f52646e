package dev.jrunc.image.copy;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.ManifestDocument;
import dev.jrunc.image.manifest.ManifestDocument.ImageIndex;
import dev.jrunc.image.manifest.ManifestDocument.ImageManifest;
import dev.jrunc.image.manifest.ManifestReader;
import dev.jrunc.image.manifest.Platform;
import dev.jrunc.image.pull.Concurrently;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Moves an image, or all images of an index, without changing a byte: digests stay. */
public final class ImageCopy {
  private static final int BLOBS_AT_ONCE = 4;
  private static final int DEEPEST_INDEX = 4;
  private static final int MOST_IMAGES = 1000;

  private final ImageSource source;
  private final ImageTarget target;
  private final @Nullable Platform platform;
  private final Consumer<String> listener;
  private final Map<String, Descriptor> seen = Collections.synchronizedMap(new HashMap<>());
  private final Set<String> manifests = new HashSet<>();
  private final LongAdder moved = new LongAdder();

  /**
   * @param platform which image of an index, {@code null} for all of them
   */
  public ImageCopy(
      ImageSource source,
      ImageTarget target,
      @Nullable Platform platform,
      Consumer<String> listener) {
    this.source = source;
    this.target = target;
    this.platform = platform;
    this.listener = listener;
  }

  /**
   * What was copied.
   *
   * @param images how many there were
   * @param movedBytes of blobs that were not there already
   */
  public record Result(Descriptor root, int images, int blobs, long movedBytes) {}

  public Result run() {
    ImageSource.Document root = source.root();
    ManifestDocument document = read(root.content(), root.descriptor());
    for (int depth = 0; platform != null && document instanceof ImageIndex index; depth++) {
      if (depth == DEEPEST_INDEX) {
        throw new ImageFailure("the indexes are nested too deep");
      }
      Descriptor chosen = index.choose(platform);
      root = new ImageSource.Document(source.document(chosen), plain(chosen));
      document = read(root.content(), root.descriptor());
    }
    if (document instanceof ImageIndex && !target.takesIndexes()) {
      throw new ImageFailure("the target holds one image, not an index; leave out --all");
    }
    parts(document, 0);
    Descriptor shown =
        new Descriptor(document.mediaType(), root.descriptor().digest(), root.content().length);
    target.finish(shown, root.content());
    int images = document instanceof ImageManifest ? 1 : manifests.size();
    return new Result(shown, images, seen.size(), moved.sum());
  }

  private static Descriptor plain(Descriptor descriptor) {
    return new Descriptor(descriptor.mediaType(), descriptor.digest(), descriptor.size());
  }

  private static ManifestDocument read(byte[] content, Descriptor descriptor) {
    return new ManifestReader("manifest " + descriptor.digest().brief())
        .read(content, descriptor.mediaType());
  }

  private void parts(ManifestDocument document, int depth) {
    switch (document) {
      case ImageManifest image -> blobs(image);
      case ImageIndex index -> {
        if (depth == DEEPEST_INDEX || index.manifests().size() > MOST_IMAGES) {
          throw new ImageFailure("the index has too many images, or is nested too deep");
        }
        for (Descriptor each : index.manifests()) {
          byte[] content = source.document(each);
          ManifestDocument inner = read(content, each);
          parts(inner, depth + 1);
          if (inner instanceof ImageManifest) {
            manifests.add(each.digest().toString());
          }
          target.manifest(plain(each), content);
        }
      }
    }
  }

  private void blobs(ImageManifest image) {
    Map<String, Descriptor> missing = new HashMap<>();
    for (Descriptor blob : image.layers()) {
      missing.put(blob.digest().toString(), blob);
    }
    missing.put(image.config().digest().toString(), image.config());
    missing.keySet().removeAll(seen.keySet());
    String from = target.host().isEmpty() ? null : source.repositoryAt(target.host());
    Concurrently.each(
        missing.values(),
        BLOBS_AT_ONCE,
        "copy",
        blob -> {
          boolean copied =
              target.blob(blob, from, offset -> source.blob(Objects.requireNonNull(blob), offset));
          if (copied) {
            moved.add(blob.size());
          }
          listener.accept(
              "blob %s: %s"
                  .formatted(blob.digest().brief(), copied ? "copied" : "is there already"));
        });
    seen.putAll(missing);
  }
}
