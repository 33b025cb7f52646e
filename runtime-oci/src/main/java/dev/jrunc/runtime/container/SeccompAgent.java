package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.process.Spawner;
import dev.jrunc.spec.ContainerProcessState;
import dev.jrunc.spec.DefaultSpec;
import dev.jrunc.spec.Seccomp;
import dev.jrunc.spec.SpecWriter;
import dev.jrunc.spec.State;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who answers for the system calls that a filter stops, see seccomp_unotify(2). Connected before
 * anything is made, so that a missing agent leaves nothing behind.
 */
final class SeccompAgent implements AutoCloseable {
  private static final String POINTER = "/linux/seccomp/listenerPath";

  private final Linux linux;
  private final @Nullable Descriptor socket;
  private final @Nullable String metadata;

  private SeccompAgent(Linux linux, @Nullable Descriptor socket, @Nullable String metadata) {
    this.linux = linux;
    this.socket = socket;
    this.metadata = metadata;
  }

  /** For a profile that asks no agent it does nothing, whatever the path. */
  static SeccompAgent connect(Linux linux, @Nullable Seccomp profile) {
    if (profile == null || !profile.notifies()) {
      return new SeccompAgent(linux, null, null);
    }
    String path = profile.listenerPath() == null ? "" : profile.listenerPath();
    try {
      return new SeccompAgent(
          linux, linux.sockets().connectLocal(path), profile.listenerMetadata());
    } catch (SyscallFailed e) {
      throw failed(
          "failed to connect with seccomp agent specified in the seccomp profile: dial unix "
              + path,
          e.errno(),
          "start the agent before the container");
    }
  }

  /**
   * Takes the listener from the process that has loaded the filter, lets it go on, and hands the
   * listener to the agent.
   *
   * @param number of the listener in that process
   * @param state of the container
   */
  void handOver(Spawner.Spawned process, int number, State state) {
    if (socket == null) {
      throw new IllegalStateException("a listener of a filter that does not notify");
    }
    try (Descriptor listener = take(process.pidfd(), number)) {
      process.channel().send(new dev.jrunc.runtime.process.Message.Go());
      ContainerProcessState told =
          new ContainerProcessState(
              DefaultSpec.OCI_VERSION,
              List.of(ContainerProcessState.SECCOMP_FD),
              process.pid(),
              metadata,
              state);
      send(socket, SpecWriter.processState(told), listener);
    }
  }

  private Descriptor take(Descriptor pidfd, int number) {
    long copied = linux.processes().copyDescriptorRaw(pidfd, number);
    if (copied < 0) {
      throw failed(
          "cannot take the seccomp listener from the container's process",
          (int) -copied,
          copied == -Errno.EPERM ? "CAP_SYS_PTRACE is needed to take it" : "");
    }
    return new Descriptor(linux.gate(), (int) copied);
  }

  // A stream takes as much as there is room for; the descriptor goes with the first part.
  private void send(Descriptor agent, byte[] content, Descriptor listener) {
    try {
      long sent = linux.sockets().sendRaw(agent, content, listener);
      if (sent < 0) {
        throw new SyscallFailed(SystemCall.SENDMSG, POINTER, (int) -sent);
      }
      if (sent < content.length) {
        byte[] rest = Arrays.copyOfRange(content, (int) sent, content.length);
        linux.streams().write(agent, rest);
      }
    } catch (SyscallFailed e) {
      throw failed("cannot send the seccomp listener to its agent", e.errno(), "");
    }
  }

  private static Failure failed(String what, int errno, String hint) {
    return Failure.of(Failure.Code.SYSTEM, what + ": " + Errno.message(errno))
        .phase("seccomp agent")
        .pointer(POINTER)
        .errno(errno)
        .hint(hint)
        .build();
  }

  @Override
  public void close() {
    if (socket != null) {
      socket.close();
    }
  }
}
