package dev.jrunc.runtime.netlink;

import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Utf8;
import java.util.Arrays;

/**
 * A request as it is written: struct nlmsghdr, the fixed structure of its type, attributes. Numbers
 * are in the order of the host, which is little endian on all that jrunc runs on; what goes over a
 * wire (addresses, ports) is put as bytes.
 */
public final class NetlinkMessage {
  public static final int REQUEST = 0x1;
  public static final int ACK = 0x4;
  public static final int ECHO = 0x8;

  /** NLM_F_ROOT and NLM_F_MATCH. */
  public static final int DUMP = 0x300;

  public static final int REPLACE = 0x100;
  public static final int EXCLUSIVE = 0x200;
  public static final int CREATE = 0x400;

  /** NLA_F_NESTED: set on what holds attributes; nf_tables and newer parts of rtnetlink ask it. */
  public static final int NESTED = 0x8000;

  private static final int HEADER = 16;

  private byte[] bytes = new byte[256];
  private int length = HEADER;
  private boolean supportedOnly;

  /**
   * Begins a message.
   *
   * @param flags beside NLM_F_REQUEST
   */
  public NetlinkMessage(int type, int flags) {
    number(4, type, 2);
    number(6, flags | REQUEST, 2);
  }

  /** That the kernel has no such thing (EAFNOSUPPORT, EOPNOTSUPP) is no failure. */
  public NetlinkMessage whereSupported() {
    supportedOnly = true;
    return this;
  }

  boolean tolerates(int errno) {
    return supportedOnly && (errno == Errno.EAFNOSUPPORT || errno == Errno.EOPNOTSUPP);
  }

  public NetlinkMessage byteOf(int value) {
    return append(value, 1);
  }

  public NetlinkMessage shortOf(int value) {
    return append(value, 2);
  }

  public NetlinkMessage intOf(long value) {
    return append(value, 4);
  }

  public NetlinkMessage attribute(int type, byte[] value) {
    begin(type);
    ensure(value.length);
    System.arraycopy(value, 0, bytes, length, value.length);
    length += value.length;
    return end(length - value.length - 4);
  }

  /** An attribute of 32 bits. */
  public NetlinkMessage attribute(int type, long value) {
    int start = begin(type);
    append(value, 4);
    return end(start);
  }

  /** An attribute of 32 bits in the order of the network, as nf_tables takes all of its numbers. */
  public NetlinkMessage attributeBigEndian(int type, int value) {
    return attribute(
        type,
        new byte[] {
          (byte) (value >>> 24), (byte) (value >>> 16), (byte) (value >>> 8), (byte) value
        });
  }

  public NetlinkMessage attributeShort(int type, int value) {
    int start = begin(type);
    append(value, 2);
    return end(start);
  }

  public NetlinkMessage attributeByte(int type, int value) {
    int start = begin(type);
    append(value, 1);
    return end(start);
  }

  /** A string with its NUL. */
  public NetlinkMessage attribute(int type, String text) {
    byte[] encoded = Utf8.encode(text);
    return attribute(type, Arrays.copyOf(encoded, encoded.length + 1));
  }

  /** Begins an attribute; what follows is in it until {@link #end}, which takes what this gives. */
  public int begin(int type) {
    int start = length;
    append(0, 2);
    append(type, 2);
    return start;
  }

  /** Ends what {@link #begin} began and pads it to four bytes. */
  public NetlinkMessage end(int start) {
    number(start, length - start, 2);
    while (length % 4 != 0) {
      append(0, 1);
    }
    return this;
  }

  /** The message as it is sent. */
  public byte[] finish(int sequence) {
    number(0, length, 4);
    number(8, sequence, 4);
    return Arrays.copyOf(bytes, length);
  }

  private NetlinkMessage append(long value, int width) {
    ensure(width);
    number(length, value, width);
    length += width;
    return this;
  }

  private void number(int at, long value, int width) {
    for (int i = 0; i < width; i++) {
      bytes[at + i] = (byte) (value >>> (8 * i));
    }
  }

  private void ensure(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }
}
