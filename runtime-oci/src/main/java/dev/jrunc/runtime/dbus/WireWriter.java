package dev.jrunc.runtime.dbus;

import dev.jrunc.kernel.Utf8;
import java.util.Arrays;

/** Values to bytes, little endian: every value at its own border, counted from the beginning. */
final class WireWriter {
  private byte[] bytes = new byte[512];
  private int length;

  byte[] content() {
    return Arrays.copyOf(bytes, length);
  }

  int length() {
    return length;
  }

  void align(int border) {
    while (length % border != 0) {
      number(0, 1);
    }
  }

  void number(long value, int size) {
    if (length + size > bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * bytes.length);
    }
    for (int i = 0; i < size; i++) {
      bytes[length++] = (byte) (value >>> (8 * i));
    }
  }

  void value(Value value) {
    switch (value) {
      case Value.Flag flag -> aligned(flag.value() ? 1 : 0, 'b');
      case Value.Number number -> aligned(number.bits(), number.type());
      case Value.Text text -> text(text);
      case Value.Array array -> array(array);
      case Value.Struct struct -> {
        align(8);
        for (Value field : struct.fields()) {
          value(field);
        }
      }
      case Value.Variant variant -> {
        text(new Value.Text('g', variant.value().signature()));
        value(variant.value());
      }
    }
  }

  private void aligned(long value, char type) {
    align(Signature.alignment(type));
    number(value, Signature.size(type));
  }

  private void text(Value.Text text) {
    byte[] content = Utf8.encode(text.value());
    if (text.type() == 'g') {
      number(content.length, 1);
    } else {
      aligned(content.length, 'u');
    }
    for (byte b : content) {
      number(b, 1);
    }
    number(0, 1);
  }

  private void array(Value.Array array) {
    aligned(0, 'u');
    int at = length;
    // What stands between the length and the first element does not count.
    align(Signature.alignment(array.elements().charAt(0)));
    int first = length;
    for (Value element : array.values()) {
      value(element);
    }
    for (int i = 0; i < 4; i++) {
      bytes[at - 4 + i] = (byte) ((length - first) >>> (8 * i));
    }
  }
}
