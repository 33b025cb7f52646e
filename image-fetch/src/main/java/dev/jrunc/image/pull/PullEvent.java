package dev.jrunc.image.pull;

import dev.jrunc.image.manifest.Descriptor;

/** What happens during a pull. */
public sealed interface PullEvent {
  /** The image is known: these are the layers it takes, and how many bytes of them are missing. */
  record Planned(int layers, int missing, long bytes) implements PullEvent {}

  /** The layer is in the store already. */
  record LayerPresent(Descriptor layer) implements PullEvent {}

  record LayerStarted(Descriptor layer) implements PullEvent {}

  /** {@code bytes} more of the layer have come. */
  record LayerProgress(Descriptor layer, int bytes) implements PullEvent {}

  /** The layer has come, and its digest is right. */
  record LayerVerified(Descriptor layer) implements PullEvent {}

  /** Something a person should know, in one sentence. */
  record Notice(String sentence) implements PullEvent {}
}
