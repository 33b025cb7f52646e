package dev.jrunc.image.layer;

/** What the tree is that a layer is unpacked to. */
public enum TreeForm {
  /** A root file system: all layers go into one tree, and whiteouts remove. */
  PLAIN(""),

  /** One layer of an overlay mount by root: whiteouts are marks, overlayfs' attributes its own. */
  OVERLAY("trusted.overlay."),

  /** The same by a user without root, mounted with {@code userxattr}. */
  USER_OVERLAY("user.overlay.");

  private final String prefix;

  TreeForm(String prefix) {
    this.prefix = prefix;
  }

  /** Whether a user without root uses it. */
  public boolean isUsers() {
    return this == USER_OVERLAY;
  }

  boolean isLayer() {
    return this != PLAIN;
  }

  /** The attribute that hides all that is below a folder. */
  String opaque() {
    return prefix + "opaque";
  }

  /** An attribute of overlayfs that a layer brings is content: seen from above, it is itself. */
  String escaped(String attribute) {
    return isOwn(attribute)
        ? prefix + "overlay." + attribute.substring(prefix.length())
        : attribute;
  }

  /** Whether overlayfs takes the attribute for its own. */
  public boolean isOwn(String attribute) {
    return isLayer() && attribute.startsWith(prefix);
  }
}
