package dev.jrunc.kernel;

/** How a child ended. */
public record WaitStatus(int pid, int raw) {

  /** What a shell would show: the exit code, or 128 plus the signal's number. */
  public int exitCode() {
    int signal = raw & 0x7f;
    return signal == 0 ? (raw >> 8) & 0xff : 128 + signal;
  }

  /** The signal that ended it, 0 if it exited by itself. */
  public int signal() {
    return raw & 0x7f;
  }
}
