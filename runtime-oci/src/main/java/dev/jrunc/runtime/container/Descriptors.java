package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.error.Failure;

/** The descriptors from 3 on that a program is to be handed. */
final class Descriptors {
  private Descriptors() {}

  /**
   * Refuses a number that was not handed to us: one of our own would fill the gap.
   *
   * @param first after those of LISTEN_FDS
   */
  static void require(Linux linux, int first, int count) {
    int getFlags = 1;
    for (int i = 0; i < count; i++) {
      try {
        linux.streams().control(new Descriptor(linux.gate(), first + i), getFlags, 0);
      } catch (SyscallFailed e) {
        throw Failure.of(
                Failure.Code.USAGE,
                "unable to stat preserved-fd "
                    + i
                    + " (of "
                    + count
                    + "): "
                    + Errno.message(Errno.ENOENT))
            .phase("preserve descriptors")
            .errno(Errno.ENOENT)
            .hint("open descriptor " + (first + i) + " before, or preserve fewer")
            .build();
      }
    }
  }
}
