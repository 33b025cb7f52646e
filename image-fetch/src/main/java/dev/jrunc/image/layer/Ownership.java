package dev.jrunc.image.layer;

import dev.jrunc.kernel.Linux;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether this process can give files away, or can only write down whose they are.
 *
 * <p>A user who has a range of ids (/etc/subuid) unpacks in a user namespace where they are mapped,
 * and so can. One with a single id owns all files, and the attribute {@value #RECORDED} says who
 * ought to, in the form of umoci and PRoot.
 */
enum Ownership {
  GIVEN,
  RECORDED_ONLY;

  static final String RECORDED = "user.rootlesscontainers";

  static Ownership of(Linux linux) {
    return linux.credentials().effectiveUid() == 0 && mapped() > 1 ? GIVEN : RECORDED_ONLY;
  }

  // The whole range is mapped where no user namespace was made.
  private static long mapped() {
    long ids = 0;
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/uid_map"))) {
        String[] words = line.strip().split("\\s+");
        ids += Long.parseLong(words[2]);
      }
    } catch (IOException e) {
      return Long.MAX_VALUE; // A kernel without user namespaces.
    }
    return ids;
  }

  /** message Resource { uint32 uid = 1; uint32 gid = 2; }: 0 is left out by protocol buffers. */
  static byte[] recorded(long uid, long gid) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    put(out, 1, uid);
    put(out, 2, gid);
    return out.toByteArray();
  }

  private static void put(ByteArrayOutputStream out, int field, long value) {
    if (value == 0) {
      return;
    }
    out.write(field << 3);
    for (long rest = value; ; rest >>>= 7) {
      if (rest < 0x80) {
        out.write((int) rest);
        return;
      }
      out.write((int) (rest & 0x7f) | 0x80);
    }
  }
}
