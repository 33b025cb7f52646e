package dev.jrunc.runtime.process;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SocketCalls;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import dev.jrunc.runtime.error.Failure;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One end of the line between the creating process and the container's. It keeps the borders of
 * messages, ends when the other side ends or replaces its program, and is close-on-exec.
 */
public final class Channel implements AutoCloseable {
  private static final int LONGEST = 65536;

  private final Linux linux;
  private final Descriptor socket;
  private final List<Received> putBack = new ArrayList<>();

  private Channel(Linux linux, Descriptor socket) {
    this.linux = linux;
    this.socket = socket;
  }

  /** Both ends; after the clone each process closes the one that is not its own. */
  public static Channel[] pair(Linux linux) {
    Descriptor[] sockets = linux.sockets().pair(SocketCalls.SEQUENCED);
    return new Channel[] {new Channel(linux, sockets[0]), new Channel(linux, sockets[1])};
  }

  public Descriptor descriptor() {
    return socket;
  }

  public void send(Message message) {
    linux.sockets().send(socket, message.encode(), null);
  }

  /** As {@link #send} by write(2), the one call that no filter may stop for an agent. */
  void write(Message message) {
    linux.streams().write(socket, message.encode());
  }

  /** Sends a failure as far as it fits: its sentence may hold what a hook printed. */
  public void sendFailure(Failure failure) {
    byte[] content = new Message.Failed(failure).encode();
    if (content.length > LONGEST) {
      content = java.util.Arrays.copyOf(content, LONGEST);
    }
    if (linux.sockets().sendRaw(socket, content, null) < 0) {
      // Under a filter that does not allow it.
      linux.streams().writeRaw(socket, content, content.length);
    }
  }

  /** As {@link #send}, with a descriptor beside it. */
  public void send(Message message, Descriptor descriptor) {
    linux.sockets().send(socket, message.encode(), descriptor);
  }

  /** A message with the descriptor that came beside it. */
  public record Received(Message message, @Nullable Descriptor descriptor) {}

  /** The next message, {@link Message.Ended} at the end. */
  public Received receive() {
    if (!putBack.isEmpty()) {
      return putBack.remove(0);
    }
    Interruption.awaitReadable(linux, socket);
    SocketCalls.Message message = linux.sockets().receive(socket, LONGEST);
    return message == null
        ? new Received(new Message.Ended(), null)
        : new Received(Message.decode(message.content()), message.descriptor());
  }

  /** Gives messages back that came too early; they are the next to be received. */
  void putBack(List<Received> messages) {
    putBack.addAll(messages);
  }

  /** Waits for the creating process to say go on; if it is gone, there is nobody to work for. */
  public void awaitGo() {
    if (!(receive().message() instanceof Message.Go)) {
      throw new SyscallFailed(SystemCall.RECVMSG, "channel", dev.jrunc.kernel.Errno.EPIPE);
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
