package dev.jrunc.image.bundle;

import java.util.Locale;

/** Where a bundle's files are. */
public enum BundleMode {
  /** In plain folders of its own. */
  COPY,

  /** In layers of the store, shared with other bundles; what the container changes is its own. */
  OVERLAY;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
