package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.Utf8;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.process.Interruption;
import org.jspecify.annotations.Nullable;

/**
 * The socket of {@code --pidfd-socket}: gets a handle on the program, with runc's name of what kind
 * of program it is. Connected before anything is made, so that a wrong path leaves nothing behind.
 */
final class PidfdSocket implements AutoCloseable {
  private final Linux linux;
  private final @Nullable Descriptor socket;

  private PidfdSocket(Linux linux, @Nullable Descriptor socket) {
    this.linux = linux;
    this.socket = socket;
  }

  /** Without a path it does nothing. */
  static PidfdSocket connect(Linux linux, @Nullable String path) {
    try {
      return new PidfdSocket(linux, path == null ? null : Interruption.connect(linux, path));
    } catch (SyscallFailed e) {
      throw Failure.system("failed to dial " + path, e);
    }
  }

  /** For a container's first program. */
  void sendInit(Descriptor pidfd) {
    send(pidfd, "standard");
  }

  /** For a program executed in a container. */
  void sendExecuted(Descriptor pidfd) {
    send(pidfd, "setns");
  }

  private void send(Descriptor pidfd, String kind) {
    if (socket != null) {
      linux.sockets().send(socket, Utf8.encode(kind), pidfd);
    }
  }

  @Override
  public void close() {
    if (socket != null) {
      socket.close();
    }
  }
}
