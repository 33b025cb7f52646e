package dev.jrunc.runtime.dbus;

import dev.jrunc.kernel.Utf8;
import java.util.ArrayList;
import java.util.List;

/** Bytes to values. Whatever is wrong with them is a failure that says so, never a wild read. */
final class WireReader {
  private static final int DEEPEST = 64;

  private final byte[] bytes;
  private final boolean bigEndian;
  private int at;

  WireReader(byte[] bytes, int at, boolean bigEndian) {
    this.bytes = bytes;
    this.at = at;
    this.bigEndian = bigEndian;
  }

  int position() {
    return at;
  }

  /** All values of the types in {@code signature}. */
  List<Value> values(String signature) {
    return values(signature, 0);
  }

  private List<Value> values(String signature, int depth) {
    List<Value> values = new ArrayList<>();
    for (int start = 0; start < signature.length(); ) {
      int end = Signature.end(signature, start);
      values.add(value(signature.substring(start, end), depth));
      start = end;
    }
    return values;
  }

  private Value value(String signature, int depth) {
    if (depth > DEEPEST) {
      throw BusConnection.broken("a value is too deep");
    }
    char type = signature.charAt(0);
    return switch (type) {
      case 'b' -> new Value.Flag(aligned(type) != 0);
      case 's', 'o', 'g' -> new Value.Text(type, text(type));
      case 'a' -> array(signature.substring(1), depth);
      case '(', '{' -> {
        align(8);
        yield new Value.Struct(values(signature.substring(1, signature.length() - 1), depth + 1));
      }
      case 'v' -> {
        String held = text('g');
        if (Signature.end(held, 0) != held.length()) {
          throw BusConnection.broken("a variant holds \"" + held + "\", which is not one type");
        }
        yield new Value.Variant(value(held, depth + 1));
      }
      default -> new Value.Number(type, aligned(type));
    };
  }

  void align(int border) {
    require((border - at % border) % border);
    at += (border - at % border) % border;
  }

  private long aligned(char type) {
    int size = Signature.size(type);
    align(size);
    require(size);
    long value = 0;
    for (int i = 0; i < size; i++) {
      int shift = 8 * (bigEndian ? size - 1 - i : i);
      value |= (bytes[at + i] & 0xffL) << shift;
    }
    at += size;
    return switch (type) {
      case 'n' -> (short) value;
      case 'i' -> (int) value;
      default -> value;
    };
  }

  private String text(char type) {
    long length = aligned(type == 'g' ? 'y' : 'u');
    require(length + 1);
    String text = Utf8.decode(bytes, at, (int) length);
    at += (int) length + 1;
    return text;
  }

  private Value array(String elements, int depth) {
    long length = aligned('u');
    align(Signature.alignment(elements.charAt(0)));
    require(length);
    int end = at + (int) length;
    List<Value> values = new ArrayList<>();
    while (at < end) {
      values.add(value(elements, depth + 1));
    }
    if (at != end) {
      throw BusConnection.broken("an array is longer than it says");
    }
    return new Value.Array(elements, values);
  }

  private void require(long count) {
    if (count > bytes.length - at) {
      throw BusConnection.broken("a message is shorter than it says");
    }
  }
}
