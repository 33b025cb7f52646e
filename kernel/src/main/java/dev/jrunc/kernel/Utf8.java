package dev.jrunc.kernel;

import java.nio.charset.StandardCharsets;

/**
 * Text to and from bytes. Nearly all of it is ASCII and goes over directly: the encoders of the
 * native executable's class library take 1.5 KB of heap for every name, half of all that a
 * container's first process would otherwise leave behind.
 */
public final class Utf8 {
  private Utf8() {}

  /** The bytes of a text. */
  public static byte[] encode(String text) {
    byte[] bytes = new byte[text.length()];
    for (int i = 0; i < bytes.length; i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        return text.getBytes(StandardCharsets.UTF_8);
      }
      bytes[i] = (byte) c;
    }
    return bytes;
  }

  /** The text of {@code bytes}; what is not UTF-8 becomes U+FFFD. */
  public static String decode(byte[] bytes) {
    return decode(bytes, 0, bytes.length);
  }

  /** The text of {@code length} bytes from {@code offset}. */
  public static String decode(byte[] bytes, int offset, int length) {
    char[] characters = new char[length];
    for (int i = 0; i < length; i++) {
      byte b = bytes[offset + i];
      if (b < 0) {
        return new String(bytes, offset, length, StandardCharsets.UTF_8);
      }
      characters[i] = (char) b;
    }
    return new String(characters);
  }
}
