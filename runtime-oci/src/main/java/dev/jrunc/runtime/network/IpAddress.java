package dev.jrunc.runtime.network;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** An address of IPv4 or IPv6, in the order of the network. */
public final class IpAddress {
  private final byte[] bytes;

  private IpAddress(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Of 4 or 16 bytes.
   *
   * @throws IllegalArgumentException for any other count
   */
  public static IpAddress of(byte[] bytes) {
    if (bytes.length != 4 && bytes.length != 16) {
      throw new IllegalArgumentException(bytes.length + " bytes are no address");
    }
    return new IpAddress(bytes.clone());
  }

  public byte[] bytes() {
    return bytes.clone();
  }

  public boolean isVersion6() {
    return bytes.length == 16;
  }

  public int bits() {
    return 8 * bytes.length;
  }

  /** The address {@code count} further on; {@code count} is not negative. */
  public IpAddress plus(int count) {
    byte[] sum = bytes.clone();
    long carry = count;
    for (int i = sum.length - 1; i >= 0 && carry != 0; i--) {
      carry += sum[i] & 0xff;
      sum[i] = (byte) carry;
      carry >>>= 8;
    }
    return new IpAddress(sum);
  }

  /** The last 32 bits as a number. */
  public long low() {
    long value = 0;
    for (int i = bytes.length - 4; i < bytes.length; i++) {
      value = value << 8 | (bytes[i] & 0xff);
    }
    return value;
  }

  /** The same with all bits behind the first {@code prefix} cleared. */
  public IpAddress masked(int prefix) {
    byte[] result = bytes.clone();
    for (int bit = prefix; bit < bits(); bit++) {
      result[bit / 8] &= (byte) ~(0x80 >> (bit % 8));
    }
    return new IpAddress(result);
  }

  /** Reads either form; null where the text is no address. */
  public static @Nullable IpAddress parse(String text) {
    return text.indexOf(':') >= 0 ? parse6(text) : parse4(text);
  }

  private static @Nullable IpAddress parse4(String text) {
    byte[] bytes = new byte[4];
    int at = 0;
    for (int i = 0; i < 4; i++) {
      int end = i < 3 ? text.indexOf('.', at) : text.length();
      int value = end < 0 ? -1 : digits(text, at, end, 10, 3);
      if (value < 0 || value > 255) {
        return null;
      }
      bytes[i] = (byte) value;
      at = end + 1;
    }
    return new IpAddress(bytes);
  }

  // RFC 4291, 2.2: eight groups, "::" for as many zeros as are missing, the last two groups may be
  // an IPv4 address.
  private static @Nullable IpAddress parse6(String text) {
    int gap = text.indexOf("::");
    if (gap < 0) {
      byte[] all = groups(text);
      return all != null && all.length == 16 ? new IpAddress(all) : null;
    }
    byte[] head = groups(text.substring(0, gap));
    byte[] tail = groups(text.substring(gap + 2));
    if (head == null || tail == null || head.length + tail.length > 14) {
      return null;
    }
    byte[] bytes = Arrays.copyOf(head, 16);
    System.arraycopy(tail, 0, bytes, 16 - tail.length, tail.length);
    return new IpAddress(bytes);
  }

  private static byte @Nullable [] groups(String text) {
    byte[] bytes = new byte[18];
    int length = 0;
    int at = 0;
    while (at < text.length()) {
      int colon = text.indexOf(':', at);
      int end = colon < 0 ? text.length() : colon;
      if (colon < 0 && text.indexOf('.', at) >= 0) {
        IpAddress last = parse4(text.substring(at));
        if (last == null || length > 12) {
          return null;
        }
        System.arraycopy(last.bytes, 0, bytes, length, 4);
        return Arrays.copyOf(bytes, length + 4);
      }
      int value = digits(text, at, end, 16, 4);
      if (value < 0 || length > 14 || end == text.length() - 1) {
        return null;
      }
      bytes[length++] = (byte) (value >> 8);
      bytes[length++] = (byte) value;
      at = end + 1;
    }
    return Arrays.copyOf(bytes, length);
  }

  private static int digits(String text, int from, int to, int base, int most) {
    if (to <= from || to - from > most) {
      return -1;
    }
    int value = 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
      digit = c >= 'A' && c <= 'F' ? c - 'A' + 10 : digit;
      if (digit >= base) {
        return -1;
      }
      value = value * base + digit;
    }
    return value;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof IpAddress address && Arrays.equals(bytes, address.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** As RFC 5952 writes it. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    if (!isVersion6()) {
      for (int i = 0; i < 4; i++) {
        text.append(i == 0 ? "" : ".").append(bytes[i] & 0xff);
      }
      return text.toString();
    }
    int[] gap = longestZeros();
    for (int i = 0; i < 8; i++) {
      if (i == gap[0]) {
        text.append("::");
        i += gap[1] - 1;
        continue;
      }
      boolean first = text.isEmpty() || text.charAt(text.length() - 1) == ':';
      text.append(first ? "" : ":").append(Integer.toHexString(group(i)));
    }
    return text.toString();
  }

  private int group(int index) {
    return (bytes[2 * index] & 0xff) << 8 | (bytes[2 * index + 1] & 0xff);
  }

  // Where the first longest run of two or more zero groups begins, and its length.
  private int[] longestZeros() {
    int[] longest = {-1, 1};
    for (int i = 0; i < 8; i++) {
      int length = 0;
      while (i + length < 8 && group(i + length) == 0) {
        length++;
      }
      if (length > longest[1]) {
        longest = new int[] {i, length};
      }
      i += length;
    }
    return longest;
  }
}
