package dev.jrunc.runtime.process;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.DeviceNumber;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.Memory;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.StreamCalls;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.teavm.NativeProgram;
import dev.jrunc.runtime.error.Failure;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The FIFO between {@code create} and {@code start}, {@code exec.fifo} in the container's folder.
 *
 * <p>The container's process holds both ends from before it had a root of its own, so it opens
 * nothing later, and it needs but read(2) to wait: that works as any user and under any filter.
 * {@code start} writes one byte and then waits until no writer is left. The process's descriptor is
 * close-on-exec, so that moment is its execve(2) or its end; if it failed in between, its reason
 * stands in the FIFO.
 */
public final class StartGate {
  /** The file's name. While it exists, the container is created and not started. */
  public static final String NAME = "exec.fifo";

  private StartGate() {}

  /** Makes the FIFO in the container's folder and opens it for the process to be. */
  public static Descriptor create(Linux linux, Descriptor folder) {
    linux.files().mknod(folder, NAME, FileMode.FIFO | 0600, new DeviceNumber(0, 0));
    return linux.files().open(folder, NAME, OpenFlags.RDWR, 0);
  }

  /** Whether a process waits at the gate of the container's folder at {@code path}. */
  public static boolean stands(Linux linux, String path) {
    int flags = OpenFlags.WRONLY | OpenFlags.NONBLOCK | OpenFlags.NOFOLLOW;
    String fifo = path + "/" + NAME;
    long opened = linux.files().openRaw(linux.currentDirectory(), fifo, flags, 0);
    if (opened >= 0) {
      new Descriptor(linux.gate(), (int) opened).close();
      return true;
    }
    // fifo(7), ENXIO: nobody reads. A start that was killed has left the file.
    return opened != -Errno.ENOENT && opened != -Errno.ENXIO;
  }

  /** In the container's process: waits for {@code start}. */
  public static void await(Linux linux, Descriptor fifo) {
    linux.streams().read(fifo, new byte[1]);
  }

  /** As {@link #await}, with as little memory as can be: it may take long until {@code start}. */
  public static void awaitReleased(Linux linux, Descriptor fifo) {
    try (Memory memory = Memory.scope(linux.gate())) {
      // Interrupted, it is asked for again in the ordinary way.
      if (NativeProgram.releaseAndRead(fifo.number(), memory.block(1).address()) <= 0) {
        await(linux, fifo);
      }
    }
  }

  /** In the container's process, after {@link #await}: says why it cannot go on. */
  public static void fail(Linux linux, Descriptor fifo, Failure failure) {
    byte[] content = new Message.Failed(failure).encode();
    // A FIFO takes up to PIPE_BUF bytes whole and at once.
    linux.streams().writeRaw(fifo, content, Math.min(content.length, 4096));
  }

  /**
   * In {@code start}: lets the process go and waits until it runs the container's program.
   *
   * @return the reason if it failed, else null
   */
  public static @Nullable Failure open(Linux linux, Descriptor folder) {
    try (Descriptor reader =
        linux.files().open(folder, NAME, OpenFlags.RDONLY | OpenFlags.NONBLOCK, 0)) {
      takeTurn(linux, reader);
      try (Descriptor writer =
          linux.files().open(folder, NAME, OpenFlags.WRONLY | OpenFlags.NONBLOCK, 0)) {
        linux.streams().write(writer, new byte[] {'0'});
      }
      // No events are asked for, so only the hang-up of the last writer ends this.
      linux.processes().poll(List.of(reader), new int[] {0}, -1);
      byte[] reason = new byte[4096];
      long length = linux.streams().readRaw(reader, reason);
      linux.files().unlink(folder, NAME, 0);
      int from = 0;
      // A process that was killed while it waited has left our byte where it was.
      while (from < length && reason[from] == '0') {
        from++;
      }
      if (from > 0 && from >= length) {
        return Failure.of(Failure.Code.WRONG_STATUS, "container process is already dead")
            .phase("open gate")
            .build();
      }
      if (from >= length) {
        return null;
      }
      Message message = Message.decode(Arrays.copyOfRange(reason, from, (int) length));
      return message instanceof Message.Failed failed ? failed.failure() : null;
    } catch (SyscallFailed e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.EAGAIN) {
        throw running();
      }
      throw e;
    }
  }

  // Of several that start it at once one does. The gate of who comes late has lost its name.
  private static void takeTurn(Linux linux, Descriptor reader) {
    linux.streams().lock(reader, StreamCalls.LOCK_NOW);
    if (linux.files().status(reader).links() == 0) {
      throw running();
    }
  }

  private static Failure running() {
    return Failure.of(Failure.Code.WRONG_STATUS, "cannot start an already running container")
        .build();
  }
}
