package dev.jrunc.kernel;

/** A system call failed: which one, on what, and why. */
public final class SyscallFailed extends RuntimeException {
  private final SystemCall call;
  private final String subject;
  private final int errno;

  /**
   * @param subject what the call was made on, ready to print, for example {@code "/proc/sys"}
   * @param errno positive error number
   */
  public SyscallFailed(SystemCall call, String subject, int errno) {
    this.call = call;
    this.subject = subject;
    this.errno = errno;
  }

  /** Put together when it is asked for: most failures are expected and never told. */
  @Override
  public String getMessage() {
    return call.manualName() + " " + subject + ": " + Errno.message(errno);
  }

  public SystemCall call() {
    return call;
  }

  public String subject() {
    return subject;
  }

  /** One of {@link Errno}. */
  public int errno() {
    return errno;
  }
}
