package dev.jrunc.image.copy;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.manifest.ManifestDocument;
import dev.jrunc.image.manifest.ManifestDocument.ImageIndex;
import dev.jrunc.image.manifest.ManifestDocument.ImageManifest;
import dev.jrunc.image.manifest.ManifestReader;
import dev.jrunc.image.manifest.MediaTypes;
import dev.jrunc.image.manifest.Platform;
import dev.jrunc.image.pull.Concurrently;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Moves an image, or all images of an index. Without a format nothing is changed, and digests stay.
 */
public final class ImageCopy {
  private static final int BLOBS_AT_ONCE = 4;
  private static final int DEEPEST_INDEX = 4;
  private static final int MOST_DOCUMENTS = 1000;

  private final ImageSource source;
  private final ImageTarget target;
  private final @Nullable Platform platform;
  private final @Nullable ManifestFormat format;
  private final Consumer<String> listener;
  private final Map<String, Descriptor> seen = Collections.synchronizedMap(new HashMap<>());
  private final Set<String> manifests = new HashSet<>();
  private final LongAdder moved = new LongAdder();
  // Of all indexes together: four levels of a thousand each would have no end.
  private int documents;

  /** Decides whether an image may be copied, before anything of it is. */
  public interface Gate {
    /**
     * Throws if it may not.
     *
     * @param digests of the manifest or index that is copied, and of the indexes that led to it
     */
    void check(Set<Digest> digests);
  }

  /**
   * @param platform which image of an index, {@code null} for all of them
   * @param format how to write it down, {@code null} for as it is
   */
  public ImageCopy(
      ImageSource source,
      ImageTarget target,
      @Nullable Platform platform,
      @Nullable ManifestFormat format,
      Consumer<String> listener) {
    this.source = source;
    this.target = target;
    this.platform = platform;
    this.format = format;
    this.listener = listener;
  }

  /**
   * What was copied.
   *
   * @param images how many there were
   * @param movedBytes of blobs that were not there already
   */
  public record Result(Descriptor root, int images, int blobs, long movedBytes) {}

  /** Copies what everybody may have. */
  public Result run() {
    return run(digests -> {});
  }

  public Result run(Gate gate) {
    ImageSource.Document root = source.root();
    ManifestDocument document = read(root.content(), root.descriptor());
    Set<Digest> digests = new LinkedHashSet<>(Set.of(root.descriptor().digest()));
    for (int depth = 0; platform != null && document instanceof ImageIndex index; depth++) {
      if (depth == DEEPEST_INDEX) {
        throw new ImageFailure("the indexes are nested too deep");
      }
      Descriptor chosen = index.choose(platform);
      root = new ImageSource.Document(source.document(chosen), plain(chosen));
      digests.add(chosen.digest());
      document = read(root.content(), root.descriptor());
    }
    gate.check(digests);
    if (document instanceof ImageIndex && !target.takesIndexes()) {
      throw new ImageFailure("the target holds one image, not an index; leave out --all");
    }
    ImageSource.Document shown =
        parts(document, root.content(), root.descriptor().digest().algorithm(), 0);
    target.finish(shown.descriptor(), shown.content());
    int images = document instanceof ImageManifest ? 1 : manifests.size();
    return new Result(shown.descriptor(), images, seen.size(), moved.sum());
  }

  private static Descriptor plain(Descriptor descriptor) {
    return new Descriptor(descriptor.mediaType(), descriptor.digest(), descriptor.size());
  }

  private static ManifestDocument read(byte[] content, Descriptor descriptor) {
    return new ManifestReader("manifest " + descriptor.digest().brief())
        .read(content, descriptor.mediaType());
  }

  /** Moves what a document names, and answers the document as it is to be kept. */
  private ImageSource.Document parts(
      ManifestDocument document, byte[] content, Digest.Algorithm algorithm, int depth) {
    return switch (document) {
      case ImageManifest image -> {
        byte[] kept = format == null ? content : format.manifest(content);
        blobs(image);
        yield document(kept, image.mediaType(), algorithm);
      }
      case ImageIndex index -> {
        if (depth == DEEPEST_INDEX) {
          throw new ImageFailure("the indexes are nested too deep");
        }
        documents += index.manifests().size();
        if (documents > MOST_DOCUMENTS) {
          throw new ImageFailure(
              "the index and those below it name more than " + MOST_DOCUMENTS + " images");
        }
        List<Descriptor> kept = new ArrayList<>();
        for (Descriptor each : index.manifests()) {
          kept.add(part(each, depth));
        }
        yield document(
            format == null ? content : format.index(content, kept), index.mediaType(), algorithm);
      }
    };
  }

  private Descriptor part(Descriptor named, int depth) {
    byte[] content = source.document(named);
    ManifestDocument document = read(content, named);
    ImageSource.Document kept = parts(document, content, named.digest().algorithm(), depth + 1);
    if (document instanceof ImageManifest) {
      manifests.add(named.digest().toString());
    }
    target.manifest(kept.descriptor(), kept.content());
    return kept.descriptor();
  }

  // The type is in the document, but for what an OCI document may leave out.
  private static ImageSource.Document document(
      byte[] content, String type, Digest.Algorithm algorithm) {
    String own =
        MediaTypes.bare(Json.object(content, "the manifest").path("mediaType").asText(type));
    Digest digest = Digest.of(algorithm, content);
    return new ImageSource.Document(content, new Descriptor(own, digest, content.length));
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
