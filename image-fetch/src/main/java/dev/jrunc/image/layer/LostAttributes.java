package dev.jrunc.image.layer;

import dev.jrunc.image.tree.ByteName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Extended attributes that the file system does not have, or the kernel keeps for a greater root.
 * They are no reason to fail, but a program without its capabilities fails in ways that nobody
 * understands: so they are said, once for each attribute.
 */
final class LostAttributes {
  private record Loss(String path, int files) {}

  private final Map<String, Loss> losses = new TreeMap<>();

  synchronized void add(String attribute, String path) {
    // The first by name, whichever of the threads that write files comes first.
    losses.merge(
        attribute,
        new Loss(path, 1),
        (old, one) ->
            new Loss(old.path().compareTo(path) <= 0 ? old.path() : path, old.files() + 1));
  }

  synchronized List<String> sentences() {
    List<String> sentences = new ArrayList<>();
    losses.forEach((attribute, loss) ->
        sentences.add(
            "the attribute "
                + ByteName.shown(attribute)
                + " of \""
                + ByteName.shown(loss.path())
                + "\""
                + (loss.files() == 1 ? "" : " and " + (loss.files() - 1) + " more")
                + " is lost: this user or this file system cannot keep it"));
    return sentences;
  }
}
