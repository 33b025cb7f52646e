package dev.jrunc.image.layer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes tars byte by byte, so that the odd and the broken ones can be made too. */
public final class RawTar {
  public static final long TIME = 1_700_000_000L;
  private static final int RECORD = 512;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** A header, its fields to change before it is put. Names are bytes as ISO-8859-1. */
  public static final class Header {
    private final byte[] record = new byte[RECORD];

    Header(String name, char type, long size) {
      text(0, 100, name);
      number(100, 8, 0644);
      number(108, 8, 0);
      number(116, 8, 0);
      number(124, 12, size);
      number(136, 12, TIME);
      record[156] = (byte) type;
      text(257, 8, "ustar\00000");
    }

    public Header mode(int mode) {
      return number(100, 8, mode);
    }

    public Header owner(long uid, long gid) {
      return number(108, 8, uid).number(116, 8, gid);
    }

    public Header time(long seconds) {
      return number(136, 12, seconds);
    }

    public Header link(String target) {
      return text(157, 100, target);
    }

    public Header device(int major, int minor) {
      return number(329, 8, major).number(337, 8, minor);
    }

    Header text(int offset, int length, String text) {
      byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
      System.arraycopy(bytes, 0, record, offset, Math.min(bytes.length, length));
      return this;
    }

    // Octal where it fits, as GNU and everybody else in base 256 where it does not.
    Header number(int offset, int length, long value) {
      String octal = Long.toOctalString(value);
      if (value >= 0 && octal.length() < length) {
        return text(offset, length, "0".repeat(length - 1 - octal.length()) + octal + "\0");
      }
      for (int i = 0; i < length; i++) {
        int shift = 8 * (length - 1 - i);
        record[offset + i] = (byte) (shift > 63 ? value >> 63 : value >> shift);
      }
      record[offset] |= (byte) 0x80;
      return this;
    }

    byte[] sealed() {
      text(148, 8, "        ");
      int sum = 0;
      for (byte b : record) {
        sum += b & 0xff;
      }
      text(148, 8, "%06o\0 ".formatted(sum));
      return record;
    }
  }

  public static Header header(String name, char type) {
    return new Header(name, type, 0);
  }

  public RawTar put(Header header) {
    out.writeBytes(header.sealed());
    return this;
  }

  public RawTar put(Header header, byte[] content) {
    return put(header.number(124, 12, content.length)).content(content);
  }

  public RawTar content(byte[] content) {
    return raw(content).raw(new byte[-content.length & (RECORD - 1)]);
  }

  public RawTar raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  public RawTar file(String name, String content) {
    return put(header(name, '0'), content.getBytes(StandardCharsets.UTF_8));
  }

  public RawTar folder(String name) {
    return put(header(name, '5').mode(0755));
  }

  public RawTar symlink(String name, String target) {
    return put(header(name, '2').mode(0777).link(target));
  }

  public RawTar hardLink(String name, String target) {
    return put(header(name, '1').link(target));
  }

  /** A PAX header for the next entry; keys and values in turn, bytes as ISO-8859-1. */
  public RawTar pax(String... records) {
    return paxHeader('x', records);
  }

  public RawTar paxHeader(char type, String... records) {
    StringBuilder body = new StringBuilder();
    for (int i = 0; i < records.length; i += 2) {
      String rest = " " + records[i] + "=" + records[i + 1] + "\n";
      int length = rest.length() + 1;
      while (rest.length() + Integer.toString(length).length() != length) {
        length++;
      }
      body.append(length).append(rest);
    }
    return put(header("pax", type), body.toString().getBytes(StandardCharsets.ISO_8859_1));
  }

  /** GNU's way to say a long name (L) or link target (K) of the next entry. */
  public RawTar gnuLong(char type, String text) {
    byte[] bytes = (text + "\0").getBytes(StandardCharsets.ISO_8859_1);
    return put(header("././@LongLink", type), bytes);
  }

  /** With the two records of zeros that end it. */
  public byte[] bytes() {
    return raw(new byte[2 * RECORD]).unended();
  }

  public byte[] unended() {
    return out.toByteArray();
  }
}
