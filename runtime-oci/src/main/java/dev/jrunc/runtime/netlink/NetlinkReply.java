package dev.jrunc.runtime.netlink;

import dev.jrunc.kernel.Utf8;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A message of the kernel, read where it lies.
 *
 * @param content from the fixed structure of its type on, without struct nlmsghdr
 */
public record NetlinkReply(int type, int flags, byte[] content) {

  public int byteAt(int offset) {
    return content[offset] & 0xff;
  }

  public int shortAt(int offset) {
    return byteAt(offset) | byteAt(offset + 1) << 8;
  }

  public int intAt(int offset) {
    return shortAt(offset) | shortAt(offset + 2) << 16;
  }

  /**
   * The attributes.
   *
   * @param from the size of the fixed structure, which they follow
   */
  public Attributes attributes(int from) {
    return new Attributes(this, from, content.length);
  }

  /** Attributes in a part of a reply; those it does not have are null or the value given. */
  public record Attributes(NetlinkReply reply, int from, int to) {
    private static final int TYPE_MASK = 0x3fff;

    private int find(int type) {
      int at = from;
      while (at + 4 <= to) {
        int size = reply.shortAt(at);
        if (size < 4 || size > to - at) {
          return -1;
        }
        if ((reply.shortAt(at + 2) & TYPE_MASK) == type) {
          return at;
        }
        at += (size + 3) & ~3;
      }
      return -1;
    }

    public byte @Nullable [] bytes(int type) {
      int at = find(type);
      return at < 0 ? null : Arrays.copyOfRange(reply.content(), at + 4, at + reply.shortAt(at));
    }

    public int number(int type, int otherwise) {
      int at = find(type);
      return at < 0 || reply.shortAt(at) < 8 ? otherwise : reply.intAt(at + 4);
    }

    /** A string without its NUL, empty if there is none. */
    public String text(int type) {
      byte[] value = bytes(type);
      if (value == null) {
        return "";
      }
      int length = value.length;
      while (length > 0 && value[length - 1] == 0) {
        length--;
      }
      return Utf8.decode(Arrays.copyOf(value, length));
    }

    /** What an attribute holds, itself attributes; empty if there is none. */
    public Attributes nested(int type) {
      int at = find(type);
      return at < 0
          ? new Attributes(reply, to, to)
          : new Attributes(reply, at + 4, at + reply.shortAt(at));
    }
  }
}
