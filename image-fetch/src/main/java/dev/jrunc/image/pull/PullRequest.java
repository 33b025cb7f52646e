package dev.jrunc.image.pull;

import dev.jrunc.image.manifest.Platform;
import dev.jrunc.image.reference.ImageReference;
import org.jspecify.annotations.Nullable;

/** Which image to bring; without a platform the one of this machine is meant. */
public record PullRequest(ImageReference image, @Nullable Platform platform) {
  Platform wanted() {
    return platform == null ? Platform.host() : platform;
  }
}
