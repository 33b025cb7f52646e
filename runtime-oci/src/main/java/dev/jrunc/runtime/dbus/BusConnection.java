package dev.jrunc.runtime.dbus;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import dev.jrunc.kernel.Utf8;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.process.Interruption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A line to a bus, or straight to the program that would else be behind it. One call at a time;
 * signals that come meanwhile are kept until somebody waits for them.
 */
public final class BusConnection implements AutoCloseable {
  /** Who is at the other end. */
  public enum Peer {
    /** A bus: it gives this client a name first, and hands signals on only if told so. */
    BUS,
    /** The program itself: it sends its signals to whoever is connected. */
    PROGRAM
  }

  /** A service manager that reads its units again answers nobody until it is through. */
  private static final int LONGEST_WAIT_MILLIS = 90_000;

  private final Linux linux;
  private final Descriptor socket;
  private final String address;
  private final Peer peer;
  private final List<Signal> signals = new ArrayList<>();
  private byte[] received = new byte[0];
  private long serial;

  private BusConnection(Linux linux, Descriptor socket, String address, Peer peer) {
    this.linux = linux;
    this.socket = socket;
    this.address = address;
    this.peer = peer;
  }

  /** Where a method is, and how it is called. */
  public record Method(String destination, String path, String interfaceName, String name) {}

  /** What a method has answered: its results, or the name of an error and what it says. */
  public record Answer(List<Value> results, String error, String message) {
    public Answer {
      results = List.copyOf(results);
    }

    public boolean failed() {
      return !error.isEmpty();
    }
  }

  /** A signal that somebody has sent. */
  public record Signal(String interfaceName, String name, List<Value> arguments) {
    public Signal {
      arguments = List.copyOf(arguments);
    }
  }

  /**
   * Connects to the first socket of a bus's address that takes this process.
   *
   * @param address as in DBUS_SESSION_BUS_ADDRESS
   */
  public static BusConnection open(Linux linux, String address, Peer peer) {
    SyscallFailed last = null;
    for (String path : BusAddress.sockets(address)) {
      try {
        return begin(linux, linux.sockets().connectLocal(path), address, peer);
      } catch (SyscallFailed e) {
        last = e;
      }
    }
    if (last == null) {
      throw Failure.of(Failure.Code.UNSUPPORTED, "no local socket in D-Bus address " + address)
          .phase("dbus")
          .hint("an address such as unix:path=/run/dbus/system_bus_socket")
          .build();
    }
    throw Failure.system("cannot connect to D-Bus at " + address, last);
  }

  private static BusConnection begin(Linux linux, Descriptor socket, String address, Peer peer) {
    BusConnection connection = new BusConnection(linux, socket, address, peer);
    try {
      connection.authenticate();
      if (peer == Peer.BUS) {
        Answer named = connection.call(bus("Hello"), List.of());
        if (named.failed()) {
          throw broken(address + " gives us no name: " + named.message());
        }
      }
      return connection;
    } catch (RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private static Method bus(String name) {
    return new Method(
        "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", name);
  }

  // EXTERNAL without a name: we are who the kernel says we are, also in a user namespace, where our
  // own number is not the one that the other side sees.
  private void authenticate() {
    // All of it at once, and no message before the answer: systemd's private socket reads one that
    // comes along with BEGIN, and then forgets to look at it until the next one comes.
    send(Utf8.encode("\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n"));
    long until = now() + LONGEST_WAIT_MILLIS;
    String said = "";
    while (!said.contains("OK ") || !said.endsWith("\r\n")) {
      if (said.contains("REJECTED") || said.contains("ERROR") || said.length() > 4096) {
        throw Failure.of(Failure.Code.SYSTEM, "D-Bus at " + address + " does not take this user")
            .phase("dbus")
            .path(address)
            .errno(Errno.EACCES)
            .hint("as root the system's, as another user the bus of that user's own session")
            .build();
      }
      if (!receiveSome(until)) {
        throw tooLate("authenticate");
      }
      said = Utf8.decode(received);
    }
    received = new byte[0];
  }

  /** Asks a bus to hand signals on to us; where there is none between, they come anyway. */
  public void subscribe(String rule) {
    if (peer == Peer.BUS) {
      Answer answer = call(bus("AddMatch"), List.of(Value.of(rule)));
      if (answer.failed()) {
        throw broken(address + " sends us no signals: " + answer.message());
      }
    }
  }

  /** Calls a method and waits for its answer. */
  public Answer call(Method method, List<Value> arguments) {
    long number = ++serial;
    String destination = peer == Peer.BUS ? method.destination() : "";
    send(
        new BusMessage(
                BusMessage.CALL,
                0,
                number,
                0,
                method.path(),
                method.interfaceName(),
                method.name(),
                "",
                destination,
                arguments)
            .encode());
    long until = now() + LONGEST_WAIT_MILLIS;
    while (true) {
      BusMessage message = receive(until);
      if (message == null) {
        throw tooLate(method.name());
      }
      boolean answers = message.replySerial() == number;
      if (answers && message.type() == BusMessage.RETURN) {
        return new Answer(message.body(), "", "");
      }
      if (answers && message.type() == BusMessage.ERROR) {
        return new Answer(message.body(), message.error(), message.text(0));
      }
      keep(message);
    }
  }

  /** The next signal; null if none comes within {@code millis}. */
  public @Nullable Signal nextSignal(int millis) {
    long until = now() + millis;
    while (signals.isEmpty()) {
      BusMessage message = receive(until);
      if (message == null) {
        return null;
      }
      keep(message);
    }
    return signals.remove(0);
  }

  // A call of ours is never for us, and an answer to nothing is for nobody.
  private void keep(BusMessage message) {
    if (message.type() == BusMessage.SIGNAL) {
      signals.add(new Signal(message.interfaceName(), message.member(), message.body()));
    }
  }

  private @Nullable BusMessage receive(long until) {
    while (true) {
      if (received.length >= BusMessage.FIXED) {
        int length = BusMessage.length(received);
        if (received.length >= length) {
          BusMessage message = BusMessage.decode(Arrays.copyOf(received, length));
          received = Arrays.copyOfRange(received, length, received.length);
          return message;
        }
      }
      if (!receiveSome(until)) {
        return null;
      }
    }
  }

  /** Whether anything came before the time ran out. */
  private boolean receiveSome(long until) {
    long left = until - now();
    if (left <= 0) {
      return false;
    }
    int[] wanted = {ProcessCalls.POLL_IN};
    if (Interruption.poll(linux, List.of(socket), wanted, (int) left)[0] == 0) {
      return true; // Interrupted, or the time has run out: the next look at the clock tells.
    }
    byte[] piece = new byte[4096];
    int got = linux.streams().read(socket, piece);
    if (got == 0) {
      throw new SyscallFailed(SystemCall.READ, address, Errno.ECONNRESET);
    }
    byte[] longer = Arrays.copyOf(received, received.length + got);
    System.arraycopy(piece, 0, longer, received.length, got);
    received = longer;
    return true;
  }

  // By sendmsg(2), which unlike write(2) says that the other side is gone without a signal.
  private void send(byte[] content) {
    int sent = 0;
    while (sent < content.length) {
      byte[] rest = sent == 0 ? content : Arrays.copyOfRange(content, sent, content.length);
      long result = linux.sockets().sendRaw(socket, rest, null);
      if (result < 0) {
        throw new SyscallFailed(SystemCall.SENDMSG, address, (int) -result);
      }
      sent += (int) result;
    }
  }

  private static long now() {
    return System.nanoTime() / 1_000_000;
  }

  private Failure tooLate(String what) {
    return Failure.of(
            Failure.Code.SYSTEM,
            "D-Bus at " + address + " did not answer \"" + what + "\" within 90 s")
        .phase("dbus")
        .path(address)
        .errno(Errno.ETIMEDOUT)
        .build();
  }

  static Failure broken(String what) {
    return Failure.of(Failure.Code.SYSTEM, "D-Bus: " + what).phase("dbus").build();
  }

  @Override
  public void close() {
    socket.close();
  }
}
