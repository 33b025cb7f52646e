package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.Memory;
import dev.jrunc.kernel.SocketCalls;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.error.Failure;

/**
 * Brings {@code lo} up in this process's network namespace. The kernel then gives it 127.0.0.1 and
 * ::1 by itself. One ioctl on a datagram socket: a local one, which loads no protocol.
 */
public final class Loopback {
  private static final long SET_FLAGS = 0x8914;
  private static final int UP = 0x1;
  private static final int RUNNING = 0x40;
  private static final int NAME_SIZE = 16;

  private Loopback() {}

  /** Needs CAP_NET_ADMIN over the namespace, so it comes before capabilities are dropped. */
  public static void up(Linux linux) {
    long result;
    try (Descriptor socket = linux.sockets().open(SocketCalls.UNIX, SocketCalls.DATAGRAM, 0);
        Memory memory = Memory.scope(linux.gate())) {
      // struct ifreq { char name[16]; short flags; ... } of 40 bytes.
      Memory.Block request = memory.block(40);
      request.putByte(0, 'l').putByte(1, 'o').putShort(NAME_SIZE, UP | RUNNING);
      result = linux.streams().ioctlRaw(socket, SET_FLAGS, request.address());
    } catch (SyscallFailed failed) {
      throw Failure.system("unable to bring up the loopback interface", failed);
    }
    if (result < 0) {
      int errno = (int) -result;
      throw Failure.of(
              Failure.Code.SYSTEM,
              "unable to bring up the loopback interface: " + Errno.message(errno))
          .phase("network")
          .pointer("/linux/namespaces")
          .errno(errno)
          .hint(errno == Errno.EPERM ? "CAP_NET_ADMIN over the network namespace is needed" : "")
          .build();
    }
  }
}
