package dev.jrunc.image.tree;

import java.nio.charset.StandardCharsets;

/** Names of files as layers, records and folders have them: one character is one byte. */
public final class ByteName {
  private ByteName() {}

  /** As people read it. */
  public static String shown(String name) {
    return new String(name.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
