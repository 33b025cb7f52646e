package dev.jrunc.kernel;

import static dev.jrunc.kernel.SystemCall.*;

import org.jspecify.annotations.Nullable;

/** Sockets: local ones that carry descriptors, and netlink. All are close-on-exec. */
public final class SocketCalls extends Calls {
  public static final int UNIX = 1;
  public static final int INET = 2;
  public static final int INET6 = 10;
  public static final int NETLINK = 16;
  public static final int STREAM = 1;
  public static final int DATAGRAM = 2;
  public static final int RAW = 3;
  public static final int SEQUENCED = 5;

  private static final int CLOEXEC = 02000000;
  private static final int NO_SIGNAL = 0x4000;
  private static final int RECEIVE_CLOEXEC = 0x40000000;
  private static final long WAITING_MICROS = 200_000;

  SocketCalls(Gate gate) {
    super(gate);
  }

  /** A message that keeps its border, with the descriptor that came with it, if one did. */
  public record Message(byte[] content, @Nullable Descriptor descriptor) {}

  /** Two connected local sockets of {@code type}. */
  public Descriptor[] pair(int type) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block pair = memory.block(8);
      check(SOCKETPAIR, raw(SOCKETPAIR, UNIX, type | CLOEXEC, 0, pair.address(), 0, 0), "");
      return new Descriptor[] {
        new Descriptor(gate, pair.getInt(0)), new Descriptor(gate, pair.getInt(4))
      };
    }
  }

  public Descriptor open(int family, int type, int protocol) {
    long result = raw(SOCKET, family, type | CLOEXEC, protocol);
    return new Descriptor(gate, (int) check(SOCKET, result, ""));
  }

  /** Connects to a local socket by path; a path of 108 bytes or more is refused by name. */
  public Descriptor connectLocal(String path) {
    return named(STREAM, CONNECT, path, null);
  }

  /**
   * As {@link #connectLocal(String)}; where the other side has no room for more that it has not
   * accepted, {@code waiting} is run five times a second and may end the waiting by throwing.
   */
  public Descriptor connectLocal(String path, Runnable waiting) {
    return named(STREAM, CONNECT, path, waiting);
  }

  /** As {@link #connectLocal}, to one that takes datagrams. */
  public Descriptor connectDatagrams(String path) {
    return named(DATAGRAM, CONNECT, path, null);
  }

  /** A local socket for datagrams with a name in the file system. */
  public Descriptor listenDatagrams(String path) {
    return named(DATAGRAM, BIND, path, null);
  }

  // unix(7): a name that begins with NUL, written @, is not in the file system.
  private Descriptor named(int type, SystemCall call, String path, @Nullable Runnable waiting) {
    byte[] name = Utf8.encode(path);
    if (name.length > 107) {
      throw new SyscallFailed(call, path, Errno.ENAMETOOLONG);
    }
    boolean abstractName = name.length > 0 && name[0] == '@';
    if (abstractName) {
      name[0] = 0;
    }
    Descriptor socket = open(UNIX, type, 0);
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block address = memory.block(110).putShort(0, UNIX).putBytes(2, name);
      // The length counts for an abstract name; a path ends at its NUL.
      int length = abstractName ? 2 + name.length : address.size();
      if (waiting != null) {
        setSendTimeout(socket, WAITING_MICROS);
      }
      long result = raw(call, socket.number(), address.address(), length);
      while (waiting != null && result == -Errno.EAGAIN) {
        runOrClose(waiting, socket);
        result = raw(call, socket.number(), address.address(), length);
      }
      if (waiting != null) {
        setSendTimeout(socket, 0);
      }
      if (result < 0) {
        socket.close();
      }
      check(call, result, path);
      return socket;
    }
  }

  private static void runOrClose(Runnable waiting, Descriptor socket) {
    try {
      waiting.run();
    } catch (RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  // socket(7) SO_SNDTIMEO: a struct timeval; 0 is for ever. It bounds connect(2) too.
  private void setSendTimeout(Descriptor socket, long micros) {
    int levelSocket = 1;
    int sendTimeout = 21;
    try (Memory memory = Memory.scope(gate)) {
      long time = memory.block(16).putLong(8, micros).address();
      raw(SETSOCKOPT, socket.number(), levelSocket, sendTimeout, time, 16, 0);
    }
  }

  /** Sends one message, with {@code descriptor} beside it if it is not null (SCM_RIGHTS). */
  public void send(Descriptor socket, byte[] content, @Nullable Descriptor descriptor) {
    check(SENDMSG, sendRaw(socket, content, descriptor), socket);
  }

  public long sendRaw(Descriptor socket, byte[] content, @Nullable Descriptor descriptor) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block header = header(memory, memory.bytes(content), descriptor != null);
      if (descriptor != null) {
        int levelSocket = 1;
        int rights = 1;
        gate.putLong(header.getLong(32), 20);
        gate.putInt(header.getLong(32) + 8, levelSocket);
        gate.putInt(header.getLong(32) + 12, rights);
        gate.putInt(header.getLong(32) + 16, descriptor.number());
      }
      long result;
      do {
        result = raw(SENDMSG, socket.number(), header.address(), NO_SIGNAL);
      } while (result == -Errno.EINTR);
      return result;
    }
  }

  /** The next message of at most {@code limit} bytes; null when the other side has closed. */
  public @Nullable Message receive(Descriptor socket, int limit) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block content = memory.block(limit);
      Memory.Block header = header(memory, content, true);
      long result;
      do {
        result = raw(RECVMSG, socket.number(), header.address(), RECEIVE_CLOEXEC);
      } while (result == -Errno.EINTR);
      if (result == -Errno.ECONNRESET) {
        return null;
      }
      check(RECVMSG, result, socket);
      long control = header.getLong(32);
      Descriptor descriptor =
          header.getLong(40) >= 20 && gate.getLong(control) >= 20
              ? new Descriptor(gate, gate.getInt(control + 16))
              : null;
      if (result == 0 && descriptor == null) {
        return null;
      }
      return new Message(content.getBytes(0, (int) result), descriptor);
    }
  }

  /** sendto(2) without an address, for netlink. */
  public void sendPlain(Descriptor socket, byte[] content) {
    try (Memory memory = Memory.scope(gate)) {
      long address = memory.bytes(content).address();
      check(SENDTO, raw(SENDTO, socket.number(), address, content.length), socket);
    }
  }

  /** setsockopt(2) with a number. */
  public long setOptionRaw(Descriptor socket, int level, int option, int value) {
    try (Memory memory = Memory.scope(gate)) {
      long address = memory.block(4).putInt(0, value).address();
      return raw(SETSOCKOPT, socket.number(), level, option, address, 4, 0);
    }
  }

  /** bind(2) with a filled struct sockaddr of whatever family. */
  public long bindRaw(Descriptor socket, byte[] address) {
    try (Memory memory = Memory.scope(gate)) {
      return raw(BIND, socket.number(), memory.bytes(address).address(), address.length);
    }
  }

  // struct msghdr: name 0, its length 8, iovec 16, its count 24, control 32, its length 40, flags.
  private static Memory.Block header(Memory memory, Memory.Block content, boolean withControl) {
    Memory.Block vector = memory.block(16).putLong(0, content.address()).putLong(8, content.size());
    Memory.Block header = memory.block(56).putLong(16, vector.address()).putLong(24, 1);
    if (withControl) {
      header.putLong(32, memory.block(24).address()).putLong(40, 24);
    }
    return header;
  }
}
