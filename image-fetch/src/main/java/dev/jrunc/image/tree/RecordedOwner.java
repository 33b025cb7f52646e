package dev.jrunc.image.tree;

import java.io.ByteArrayOutputStream;

/**
 * Who ought to own a file that its maker could not give away: the attribute {@value #ATTRIBUTE}, in
 * the form that umoci and PRoot have, a protocol buffer.
 *
 * <pre>  message Resource { uint32 uid = 1; uint32 gid = 2; }  </pre>
 */
public record RecordedOwner(long uid, long gid) {
  public static final String ATTRIBUTE = "user.rootlesscontainers";

  // rootlesscontainers' NoopID, "this one is not changed": umoci writes it where root owns.
  private static final long NONE = 0xffffffffL;

  public byte[] encoded() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    put(out, 1, uid);
    put(out, 2, gid);
    return out.toByteArray();
  }

  private static void put(ByteArrayOutputStream out, int field, long value) {
    out.write(field << 3);
    long rest = value == 0 ? NONE : value;
    while (rest >= 0x80) {
      out.write((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  /** Fields that are not there, or not known, are root's. */
  public static RecordedOwner parse(byte[] encoded) {
    long uid = 0;
    long gid = 0;
    for (int at = 0; at < encoded.length; ) {
      int field = encoded[at++] >>> 3;
      long value = 0;
      for (int shift = 0; at < encoded.length && shift < 64; shift += 7) {
        byte each = encoded[at++];
        value |= (long) (each & 0x7f) << shift;
        if (each >= 0) {
          break;
        }
      }
      uid = field == 1 && value != NONE ? value : uid;
      gid = field == 2 && value != NONE ? value : gid;
    }
    return new RecordedOwner(uid, gid);
  }
}
