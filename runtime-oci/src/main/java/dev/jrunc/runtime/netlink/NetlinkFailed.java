package dev.jrunc.runtime.netlink;

import dev.jrunc.kernel.Errno;

/** The kernel refused a request: why as a number, and in its own words where it has some. */
public final class NetlinkFailed extends RuntimeException {
  private final int errno;

  /**
   * @param said the kernel's sentence, empty if it said none
   */
  public NetlinkFailed(int errno, String said) {
    super(Errno.message(errno) + (said.isEmpty() ? "" : " (" + said + ")"));
    this.errno = errno;
  }

  /** One of {@link Errno}. */
  public int errno() {
    return errno;
  }
}
