package dev.jrunc.image.bundle;

import java.util.Locale;

/** Whose defaults a config.json has where the image says nothing. */
public enum Profile {
  /** Safe, and enough for the programs of a distribution. */
  JRUNC,
  DOCKER,
  PODMAN,
  UMOCI,
  RUNC;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
