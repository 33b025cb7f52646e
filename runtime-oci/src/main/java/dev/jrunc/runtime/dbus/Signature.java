package dev.jrunc.runtime.dbus;

/** Walks through types as D-Bus writes them. The entry of a dictionary is a structure to us. */
final class Signature {
  /** The specification allows 32 arrays in 32 structures. */
  private static final int DEEPEST = 64;

  private Signature() {}

  /** Where the single complete type that begins at {@code start} ends. */
  static int end(String signature, int start) {
    return end(signature, start, 0);
  }

  private static int end(String signature, int start, int depth) {
    if (start >= signature.length() || depth > DEEPEST) {
      throw BusConnection.broken("a type is cut off or too deep: \"" + signature + "\"");
    }
    char type = signature.charAt(start);
    if (type == 'a') {
      return end(signature, start + 1, depth + 1);
    }
    if (type != '(' && type != '{') {
      alignment(type);
      return start + 1;
    }
    char close = type == '(' ? ')' : '}';
    int at = start + 1;
    while (at < signature.length() && signature.charAt(at) != close) {
      at = end(signature, at, depth + 1);
    }
    if (at >= signature.length() || at == start + 1) {
      throw BusConnection.broken("a structure has no end or no field: \"" + signature + "\"");
    }
    return at + 1;
  }

  /** The border in bytes that a value of {@code type} begins at. */
  static int alignment(char type) {
    return switch (type) {
      case 'y', 'g', 'v' -> 1;
      case 'n', 'q' -> 2;
      case 'b', 'i', 'u', 's', 'o', 'a', 'h' -> 4;
      case 'x', 't', 'd', '(', '{' -> 8;
      default -> throw BusConnection.broken("unknown type \"" + type + "\"");
    };
  }

  /** How many bytes a number of {@code type} has. */
  static int size(char type) {
    return alignment(type);
  }
}
