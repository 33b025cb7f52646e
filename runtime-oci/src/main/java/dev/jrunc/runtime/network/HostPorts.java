package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SocketCalls;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.error.Failure;

/**
 * Whether a port of the host is free: nothing is listened on by jrunc itself, so the only way to
 * know is to take the port for a moment.
 */
final class HostPorts {
  private static final int SOL_SOCKET = 1;
  private static final int REUSE_ADDRESS = 2;
  private static final int IPPROTO_IPV6 = 41;
  private static final int V6ONLY = 26;

  private final Linux linux;

  HostPorts(Linux linux) {
    this.linux = linux;
  }

  void requireFree(PublishedPort port) {
    IpAddress address = port.address();
    if (address != null) {
      check(port, address);
      return;
    }
    check(port, IpAddress.of(new byte[4]));
    check(port, IpAddress.of(new byte[16]));
  }

  private void check(PublishedPort port, IpAddress address) {
    int errno = take(port, address);
    if (errno == Errno.EADDRINUSE) {
      throw taken(port, "a program of this host listens on it", "");
    }
    if (errno == Errno.EACCES) {
      throw Failure.of(
              Failure.Code.SYSTEM,
              "cannot publish " + port + ": port " + port.hostEnd() + " is for root alone")
          .phase(NetworkFailure.PHASE)
          .errno(errno)
          .hint("sysctl net.ipv4.ip_unprivileged_port_start says from which on others may have one")
          .build();
    }
    if (errno == Errno.EADDRNOTAVAIL && port.address() != null) {
      throw NetworkFailure.of(
          Failure.Code.SYSTEM,
          "cannot publish " + port + ": this host has no address " + address,
          "\"ip address\" shows what it has");
    }
  }

  static Failure taken(PublishedPort port, String by, String hint) {
    return Failure.of(
            Failure.Code.ALREADY_EXISTS,
            "cannot publish " + port + ": port " + port.hostEnd() + " is taken: " + by)
        .phase(NetworkFailure.PHASE)
        .errno(Errno.EADDRINUSE)
        .hint(hint.isEmpty() ? "choose another port of the host" : hint)
        .build();
  }

  // 0, or why not. A host without IPv6 has no port of it to be taken.
  private int take(PublishedPort port, IpAddress address) {
    boolean six = address.isVersion6();
    boolean tcp = port.protocol() == PublishedPort.Protocol.TCP;
    int type = tcp ? SocketCalls.STREAM : SocketCalls.DATAGRAM;
    try (Descriptor socket =
        linux.sockets().open(six ? SocketCalls.INET6 : SocketCalls.INET, type, 0)) {
      if (tcp) {
        // What is left of connections long over is in nobody's way.
        linux.sockets().setOptionRaw(socket, SOL_SOCKET, REUSE_ADDRESS, 1);
      }
      if (six) {
        linux.sockets().setOptionRaw(socket, IPPROTO_IPV6, V6ONLY, 1);
      }
      return (int) -Math.min(0, linux.sockets().bindRaw(socket, name(address, port.hostPort())));
    } catch (SyscallFailed e) {
      return 0;
    }
  }

  // struct sockaddr_in: family, port, address; sockaddr_in6 has its flow before the address.
  private static byte[] name(IpAddress address, int port) {
    boolean six = address.isVersion6();
    byte[] name = new byte[six ? 28 : 16];
    name[0] = (byte) (six ? SocketCalls.INET6 : SocketCalls.INET);
    name[2] = (byte) (port >> 8);
    name[3] = (byte) port;
    byte[] bytes = address.bytes();
    System.arraycopy(bytes, 0, name, six ? 8 : 4, bytes.length);
    return name;
  }
}
