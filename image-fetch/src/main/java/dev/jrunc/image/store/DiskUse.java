package dev.jrunc.image.store;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.Descriptor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who needs how many bytes of the blobs.
 *
 * @param bytes of all blobs that images need, each counted once
 */
public record DiskUse(List<Share> shares, long bytes) {
  public DiskUse {
    shares = List.copyOf(shares);
  }

  /**
   * One image's part.
   *
   * @param unique what removing the image frees
   * @param shared what other images need too
   */
  public record Share(StoredImage image, long unique, long shared) {}

  static DiskUse of(ImageStore store) {
    Map<StoredImage, Set<Descriptor>> blobs = new LinkedHashMap<>();
    Map<Digest, Integer> users = new HashMap<>();
    for (StoredImage image : store.images()) {
      Map<Digest, Descriptor> once = new LinkedHashMap<>();
      try {
        store.content(image).blobs().forEach(blob -> once.put(blob.digest(), blob));
      } catch (ImageFailure e) {
        throw new ImageFailure(
            "image \"%s\" is damaged; pull it again or remove it (%s)"
                .formatted(image.name(), e.getMessage()),
            e);
      }
      blobs.put(image, new HashSet<>(once.values()));
      once.keySet().forEach(digest -> users.merge(digest, 1, Integer::sum));
    }
    List<Share> shares = new ArrayList<>();
    Map<Digest, Long> all = new HashMap<>();
    blobs.forEach((image, own) -> {
      long unique = 0;
      long shared = 0;
      for (Descriptor blob : own) {
        all.put(blob.digest(), blob.size());
        if (users.getOrDefault(blob.digest(), 0) == 1) {
          unique += blob.size();
        } else {
          shared += blob.size();
        }
      }
      shares.add(new Share(image, unique, shared));
    });
    return new DiskUse(shares, all.values().stream().mapToLong(Long::longValue).sum());
  }
}
