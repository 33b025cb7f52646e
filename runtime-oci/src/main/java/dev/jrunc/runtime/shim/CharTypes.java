package dev.jrunc.runtime.shim;

import java.util.Arrays;

/**
 * In place of jackson-core's character tables. Its own ask {@code Character.isJavaIdentifierPart}
 * about every Latin-1 character, for field names without quotes; under TeaVM that unpacks the whole
 * of Unicode, 0.9 ms of every start. JSON has no such names, so here nothing may stand in one.
 *
 * <p>A table gives for each byte 0 where it passes, a count where it begins a sequence of that many
 * bytes in UTF-8, the character itself where it must be looked at, and -1 where it is not allowed.
 */
public final class CharTypes {
  private static final int NOT_ALLOWED = -1;
  private static final int[] LATIN1 = latin1();
  private static final int[] UTF8 = utf8();
  private static final int[] NO_NAMES = filled(NOT_ALLOWED);
  private static final int[] ESCAPES = escapes();

  private CharTypes() {}

  public static int[] getInputCodeLatin1() {
    return LATIN1;
  }

  public static int[] getInputCodeUtf8() {
    return UTF8;
  }

  public static int[] getInputCodeLatin1JsNames() {
    return NO_NAMES;
  }

  public static int[] getInputCodeUtf8JsNames() {
    return NO_NAMES;
  }

  public static int[] getInputCodeComment() {
    int[] codes = controlsRefused();
    codes['\t'] = 0;
    codes['*'] = '*';
    return codes;
  }

  public static int[] getInputCodeWS() {
    int[] codes = controlsRefused();
    codes['\t'] = 1;
    codes[' '] = 1;
    codes['/'] = '/';
    codes['#'] = '#';
    return codes;
  }

  public static int[] get7BitOutputEscapes() {
    return ESCAPES;
  }

  public static int[] get7BitOutputEscapes(int quote) {
    return get7BitOutputEscapes(quote, false);
  }

  public static int[] get7BitOutputEscapes(int quote, boolean escapeSlash) {
    if (quote == '"' && !escapeSlash) {
      return ESCAPES;
    }
    int[] codes = ESCAPES.clone();
    codes['"'] = 0;
    codes[quote] = quote == '"' ? '"' : NOT_ALLOWED;
    codes['/'] = escapeSlash ? '/' : 0;
    return codes;
  }

  public static int charToHex(int character) {
    if (character >= '0' && character <= '9') {
      return character - '0';
    }
    int lower = character | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  }

  public static char hexToChar(int digit) {
    return (char) (digit < 10 ? '0' + digit : 'A' + digit - 10);
  }

  public static void appendQuoted(StringBuilder target, String content) {
    for (int i = 0; i < content.length(); i++) {
      char c = content.charAt(i);
      int code = c < 128 ? ESCAPES[c] : 0;
      if (code == 0) {
        target.append(c);
      } else if (code > 0) {
        target.append('\\').append((char) code);
      } else {
        target.append("\\u00").append(hexToChar(c >> 4)).append(hexToChar(c & 15));
      }
    }
  }

  public static char[] copyHexChars() {
    return copyHexChars(true);
  }

  public static char[] copyHexChars(boolean upperCase) {
    char[] digits = new char[16];
    for (int i = 0; i < 16; i++) {
      digits[i] = (char) (i < 10 ? '0' + i : (upperCase ? 'A' : 'a') + i - 10);
    }
    return digits;
  }

  public static byte[] copyHexBytes() {
    return copyHexBytes(true);
  }

  public static byte[] copyHexBytes(boolean upperCase) {
    byte[] digits = new byte[16];
    char[] characters = copyHexChars(upperCase);
    for (int i = 0; i < 16; i++) {
      digits[i] = (byte) characters[i];
    }
    return digits;
  }

  private static int[] filled(int code) {
    int[] codes = new int[256];
    Arrays.fill(codes, code);
    return codes;
  }

  private static int[] latin1() {
    int[] codes = new int[256];
    Arrays.fill(codes, 0, 32, NOT_ALLOWED);
    codes['"'] = 1;
    codes['\\'] = 1;
    return codes;
  }

  private static int[] utf8() {
    int[] codes = LATIN1.clone();
    Arrays.fill(codes, 0x80, 0xc0, NOT_ALLOWED);
    Arrays.fill(codes, 0xc0, 0xe0, 2);
    Arrays.fill(codes, 0xe0, 0xf0, 3);
    Arrays.fill(codes, 0xf0, 0xf8, 4);
    Arrays.fill(codes, 0xf8, 0x100, NOT_ALLOWED);
    return codes;
  }

  private static int[] controlsRefused() {
    int[] codes = UTF8.clone();
    codes['"'] = 0;
    codes['\\'] = 0;
    codes['\n'] = '\n';
    codes['\r'] = '\r';
    return codes;
  }

  private static int[] escapes() {
    int[] codes = new int[128];
    Arrays.fill(codes, 0, 32, NOT_ALLOWED);
    codes['"'] = '"';
    codes['\\'] = '\\';
    codes['\b'] = 'b';
    codes['\t'] = 't';
    codes['\f'] = 'f';
    codes['\n'] = 'n';
    codes['\r'] = 'r';
    return codes;
  }
}
