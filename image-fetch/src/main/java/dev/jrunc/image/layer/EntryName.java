package dev.jrunc.image.layer;

import dev.jrunc.image.tree.ByteName;

/**
 * The name of an entry, checked. One character is one byte, see {@link LayerEntry}.
 *
 * @param parent names of the folders above, joined by slashes; empty for the root
 * @param name the last name; empty for the root itself
 */
record EntryName(String parent, String name) {
  static final int LONGEST_PATH = 4095;
  private static final int LONGEST_NAME = 255;

  /**
   * Of an entry, or of the target of a hard link. The root of an absolute name is that of the
   * image, as every engine has it: ko writes its layers so. One with {@code ..} is refused.
   */
  static EntryName parse(String raw, String layer, int deepest) {
    if (raw.length() > LONGEST_PATH) {
      throw new LayerRefused(layer + " holds a name of " + raw.length() + " bytes");
    }
    StringBuilder parent = new StringBuilder(raw.length());
    String name = "";
    int depth = 0;
    for (int start = 0; start < raw.length(); ) {
      int slash = raw.indexOf('/', start);
      int end = slash < 0 ? raw.length() : slash;
      String part = raw.substring(start, end);
      start = end + 1;
      if (part.isEmpty() || part.equals(".")) {
        continue;
      }
      check(part, raw, layer);
      if (depth++ > 0) {
        parent.append(depth > 2 ? "/" : "").append(name);
      }
      name = part;
    }
    if (depth > deepest) {
      throw new LayerRefused(layer + " holds a name of " + depth + " folders");
    }
    return new EntryName(parent.toString(), name);
  }

  private static void check(String part, String raw, String layer) {
    if (part.equals("..")) {
      throw new LayerRefused(
          layer + " holds \"" + ByteName.shown(raw) + "\", which leads out of the rootfs");
    }
    if (part.length() > LONGEST_NAME) {
      throw new LayerRefused(
          layer + " holds \"" + ByteName.shown(raw) + "\", which no file can be called");
    }
  }

  boolean isRoot() {
    return name.isEmpty();
  }

  boolean isBelowWhiteout() {
    return parent.startsWith(".wh.") || parent.contains("/.wh.");
  }

  String path() {
    return parent.isEmpty() ? name : parent + "/" + name;
  }

  @Override
  public String toString() {
    return "\"" + ByteName.shown(path()) + "\"";
  }
}
