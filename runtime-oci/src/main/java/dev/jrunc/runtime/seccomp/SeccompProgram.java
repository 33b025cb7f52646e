package dev.jrunc.runtime.seccomp;

/**
 * A compiled filter.
 *
 * @param instructions of struct sock_filter, 8 bytes each
 * @param flags of seccomp(2), see {@link SeccompFlags}
 */
public record SeccompProgram(byte[] instructions, long flags) {

  /** Whether loading it gives a descriptor on which an agent answers for the container's calls. */
  public boolean notifies() {
    return (flags & SeccompFlags.NEW_LISTENER) != 0;
  }
}
