package dev.jrunc.image.digest;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Names what a stack of layers amounts to: image-spec, config.md, "Layer ChainID". */
public final class ChainId {
  private ChainId() {}

  /** The chain ids of all stacks from the lowest layer up; the last one names the whole image. */
  public static List<Digest> of(List<Digest> diffIds) {
    List<Digest> chain = new ArrayList<>();
    for (Digest diffId : diffIds) {
      if (chain.isEmpty()) {
        chain.add(diffId);
      } else {
        String both = chain.get(chain.size() - 1) + " " + diffId;
        chain.add(Digest.sha256(both.getBytes(StandardCharsets.UTF_8)));
      }
    }
    return List.copyOf(chain);
  }
}
