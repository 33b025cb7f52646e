package dev.jrunc.runtime.seal;

import java.util.List;

/** How the program is kept from being written to. */
public enum SealMethod {
  /** A read-only mount of it: no copy, but the pages in memory are those of the host's file. */
  MOUNT,
  /** A private copy in memory: withstands kernel bugs that write to pages of read-only files. */
  COPY;

  /** In the environment of the caller, {@code JRUNC_SEAL=copy} asks for the copy. */
  public static SealMethod of(List<String> environment) {
    return environment.contains("JRUNC_SEAL=copy") ? COPY : MOUNT;
  }
}
