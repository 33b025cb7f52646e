package dev.jrunc.image.compression;

/** How the bytes of a layer are packed, told by their first bytes. */
public enum Compression {
  NONE,
  GZIP,
  ZSTD;

  /** How many bytes {@link #sniff} needs to see. */
  static final int MAGIC_LENGTH = 4;

  /**
   * RFC 1952 section 2.3.1; RFC 8878 sections 3.1.1 and 3.1.2 (a skippable frame may come first).
   */
  static Compression sniff(byte[] head, int length) {
    if (length >= 3 && (head[0] & 0xff) == 0x1f && (head[1] & 0xff) == 0x8b && head[2] == 0x08) {
      return GZIP;
    }
    if (length >= 4) {
      boolean frame =
          (head[0] & 0xff) == 0x28
              && (head[1] & 0xff) == 0xb5
              && (head[2] & 0xff) == 0x2f
              && (head[3] & 0xff) == 0xfd;
      boolean skippable =
          (head[0] & 0xf0) == 0x50 && head[1] == 0x2a && head[2] == 0x4d && head[3] == 0x18;
      if (frame || skippable) {
        return ZSTD;
      }
    }
    return NONE;
  }
}
