package dev.jrunc.image.layer;

import dev.jrunc.kernel.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether this process can give files away, or can only write down whose they are.
 *
 * <p>A user who has a range of ids (/etc/subuid) unpacks in a user namespace where they are mapped,
 * and so can. One with a single id owns all files, and {@link dev.jrunc.image.tree.RecordedOwner}
 * says who ought to.
 */
public enum Ownership {
  GIVEN,
  RECORDED_ONLY;

  public static Ownership of(Linux linux) {
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
}
