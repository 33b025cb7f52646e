package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.process.Interruption;
import dev.jrunc.runtime.process.ListenerHandover;
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
  private final ListenerHandover handover;

  private SeccompAgent(
      Linux linux,
      @Nullable Descriptor socket,
      @Nullable String metadata,
      ListenerHandover handover) {
    this.linux = linux;
    this.handover = handover;
    this.socket = socket;
    this.metadata = metadata;
  }

  /** For a profile that asks no agent it does nothing, whatever the path. */
  static SeccompAgent connect(Linux linux, @Nullable Seccomp profile) {
    if (profile == null || !profile.notifies()) {
      return new SeccompAgent(linux, null, null, ListenerHandover.TAKEN);
    }
    ListenerHandover handover = ListenerHandover.of(linux);
    Failure refusal = handover.refusal(profile);
    if (refusal != null) {
      throw refusal;
    }
    String path = profile.listenerPath() == null ? "" : profile.listenerPath();
    try {
      return new SeccompAgent(
          linux, Interruption.connect(linux, path), profile.listenerMetadata(), handover);
    } catch (SyscallFailed e) {
      throw failed(
          "failed to connect with seccomp agent specified in the seccomp profile: dial unix "
              + path,
          e.errno(),
          "start the agent before the container");
    }
  }

  /** How the process that loads the filter is to give its listener. */
  ListenerHandover handover() {
    return handover;
  }

  /**
   * Lets the process that has loaded the filter go on, and hands its listener to the agent.
   *
   * @param given the listener; closed here
   * @param state of the container
   */
  void handOver(Spawner.Spawned process, Descriptor given, State state) {
    if (socket == null) {
      throw new IllegalStateException("a listener of a filter that does not notify");
    }
    try (Descriptor listener = given) {
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

  /** A listener of ours for what {@code number} is in the process. */
  Descriptor take(Spawner.Spawned process, int number) {
    long copied = linux.processes().copyDescriptorRaw(process.pidfd(), number);
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
