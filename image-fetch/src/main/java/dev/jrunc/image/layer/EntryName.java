package dev.jrunc.image.layer;

import java.util.ArrayList;
import java.util.List;

/**
 * The name of an entry, checked.
 *
 * @param parent names of the folders above, joined by slashes; empty for the root
 * @param name the last name; empty for the root itself
 */
record EntryName(String parent, String name) {
  private static final int LONGEST_PATH = 4095;
  private static final int LONGEST_NAME = 255;
  private static final int DEEPEST = 512;

  /** Refuses names that mean a place outside: absolute ones, and those with {@code ..}. */
  static EntryName parse(String raw, String layer) {
    if (raw.startsWith("/")) {
      throw new LayerRefused(
          layer + " holds the absolute name \"" + raw + "\", which could mean a file of the host");
    }
    if (raw.length() > LONGEST_PATH) {
      throw new LayerRefused(layer + " holds a name of " + raw.length() + " characters");
    }
    List<String> names = new ArrayList<>();
    for (String part : raw.split("/")) {
      if (part.equals("..")) {
        throw new LayerRefused(layer + " holds \"" + raw + "\", which leads out of the rootfs");
      }
      if (part.isEmpty() || part.equals(".")) {
        continue;
      }
      if (part.length() > LONGEST_NAME || part.indexOf('\0') >= 0 || part.indexOf('\ufffd') >= 0) {
        throw new LayerRefused(layer + " holds \"" + raw + "\", which no file can be called");
      }
      names.add(part);
    }
    if (names.size() > DEEPEST) {
      throw new LayerRefused(layer + " holds a name of " + names.size() + " folders");
    }
    if (names.isEmpty()) {
      return new EntryName("", "");
    }
    String parent = String.join("/", names.subList(0, names.size() - 1));
    return new EntryName(parent, names.get(names.size() - 1));
  }

  boolean isRoot() {
    return name.isEmpty();
  }

  String path() {
    return parent.isEmpty() ? name : parent + "/" + name;
  }
}
