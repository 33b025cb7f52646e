package dev.jrunc.spec;

/** One step of a JSON pointer (RFC 6901). */
public final class PointerSegment {
  private PointerSegment() {}

  /** That leads to the member {@code name} of an object, without the slash before it. */
  public static String of(String name) {
    if (name.indexOf('~') < 0 && name.indexOf('/') < 0) {
      return name;
    }
    return name.replace("~", "~0").replace("/", "~1");
  }
}
