package dev.jrunc.image.store;

import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.Memory;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.jnr.JnrGate;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** What of a file is in memory alone, which a power cut would take: cachestat(2) of Linux 6.5. */
final class DirtyPages {
  private static final int CACHESTAT = 451; // on all architectures
  private static final Gate GATE = new JnrGate();

  private DirtyPages() {}

  static long of(Path file) {
    Linux linux = Linux.over(GATE);
    try (Memory memory = Memory.scope(GATE);
        var opened =
            linux.files().open(linux.currentDirectory(), file.toString(), OpenFlags.RDONLY, 0)) {
      Memory.Block range = memory.block(16); // offset, length: 0 is up to the end
      Memory.Block found = memory.block(40); // cached, dirty, under writeback, ...
      range.putBytes(0, new byte[16], 16);
      long result =
          GATE.call(CACHESTAT, opened.number(), range.address(), found.address(), 0, 0, 0);
      Assumptions.assumeTrue(result != -Errno.ENOSYS, "needs Linux 6.5");
      if (result < 0) {
        throw new IllegalStateException("cachestat: " + Errno.message((int) -result));
      }
      return found.getLong(8) + found.getLong(16);
    }
  }
}
