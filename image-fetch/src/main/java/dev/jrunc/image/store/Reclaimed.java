package dev.jrunc.image.store;

import java.util.List;

/** What a garbage collection freed, or would free: files of the store, by their paths in it. */
public record Reclaimed(List<String> files, long bytes) {
  public Reclaimed {
    files = List.copyOf(files);
  }
}
